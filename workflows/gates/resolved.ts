/** Did the alert resolve before anything was changed? Then there is nothing to repair. */
import { pass, refuse } from '../domain/verdict.js';
import type { Gate } from './gate.js';

export const resolved: Gate = {
  name: 'resolved',
  reason: 'resolved-meanwhile',
  judge({ resolved: over }) {
    return over ? refuse('resolved-meanwhile', 'its sender says that the alert resolved') : pass;
  },
};
