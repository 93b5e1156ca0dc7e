/** Does policy permit every step at some level? The run's level is the lowest of them; this gate only refuses silence. */
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const policy: Gate = {
  name: 'policy',
  reason: 'policy-forbids',
  judge({ permissions, steps }) {
    if (!permissions.known) return unreadable('policy', permissions.why);
    for (const step of steps) {
      const answer = permissions.value.find((permission) => permission.step === step.name);
      if (answer === undefined || answer.level === null) {
        const why = answer?.why ?? 'policy says nothing about it';
        return refuse('policy-forbids', `step ${step.name}: ${why}`);
      }
    }
    return pass;
  },
};
