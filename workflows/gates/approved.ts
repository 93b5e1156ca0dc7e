/** Is everything that the steps create or change within the approved lists? Outside them nobody's word helps. */
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const approved: Gate = {
  name: 'approved',
  reason: 'not-approved',
  judge({ permissions, steps }) {
    if (!permissions.known) return unreadable('approved', permissions.why);
    for (const step of steps) {
      const answer = permissions.value.find((permission) => permission.step === step.name);
      if (answer?.unapproved === undefined) continue;
      return refuse('not-approved', `step ${step.name}: ${answer.unapproved}`);
    }
    return pass;
  },
};
