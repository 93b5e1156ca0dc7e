/** What the bench's own worker runs: the floor and the repair written by hand. Nothing of the engine's story is in it. */
export { bare } from './bare.js';
export { byHand } from './by-hand.js';
