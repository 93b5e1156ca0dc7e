/** Every workflow that a recorded history may be of, for one bundle. Exports nothing else. */
export * from '../../workflows/index.js';
export * from '../support/story/workflows.js';
