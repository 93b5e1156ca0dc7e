/** Is the engine switched off for any scope this run is in? Decides only that. */
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const stopped: Gate = {
  name: 'stopped',
  reason: 'stopped',
  judge({ stops }) {
    if (!stops.known) return unreadable('stopped', stops.why);
    const order = stops.value[0];
    if (order === undefined) return pass;
    return refuse('stopped', `${order.by} stopped ${order.scope}: ${order.why}`);
  },
};
