/** What the bench's own worker can run: the floor, the repair written by hand, and one that collects garbage. */
export { restartService } from '../../../workflows/index.js';
export { bare } from './bare.js';
export { byHand } from './by-hand.js';
export { collectGarbage } from './collect-garbage.js';
