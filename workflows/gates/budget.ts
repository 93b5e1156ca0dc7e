/** Is there risk left to take? Every action costs points, and so many may be spent in a while, over all runs. */
import { durationText } from '../domain/time.js';
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const budget: Gate = {
  name: 'budget',
  reason: 'risk-spent',
  judge({ guards }) {
    const { risk: fact } = guards;
    if (!fact.known) return unreadable('budget', fact.why);
    if (fact.value === null) return pass;
    const { count, adds, max, withinMs } = fact.value;
    if (count + adds <= max) return pass;
    const within = durationText(withinMs);
    return refuse(
      'risk-spent',
      `${count} of ${max} points of risk were taken within ${within}, and this plan takes ${adds}`,
    );
  },
};
