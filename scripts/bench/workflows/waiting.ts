/** The engine's own workflow beside one that collects garbage, for the worker whose memory is measured. */
export { restartService } from '../../../workflows/index.js';
export { collectGarbage } from './collect-garbage.js';
