/** Has the service error budget left for something to go wrong? A figure that is too old is none, and none is a no. */
import { durationText } from '../domain/time.js';
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const errorBudget: Gate = {
  name: 'error-budget',
  reason: 'error-budget-spent',
  judge({ guards, alert }) {
    const { errorBudget: fact } = guards;
    if (!fact.known) return unreadable('error-budget', fact.why);
    if (fact.value === null) return pass;
    const { left, leftMin, ageMs, ageMsMax } = fact.value;
    if (!(ageMs <= ageMsMax)) {
      const old = `the figure is ${durationText(ageMs)} old, at most ${durationText(ageMsMax)} is asked for`;
      return unreadable('error-budget', old);
    }
    if (left >= leftMin) return pass;
    return refuse(
      'error-budget-spent',
      `${percent(left)} of ${alert.service}'s error budget is left; it acts from ${percent(leftMin)}`,
    );
  },
};

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
