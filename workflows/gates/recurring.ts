/** Was the service repaired too often lately? Then the cause is still there, and another repair hides it: people, not a restart. */
import { durationText } from '../domain/time.js';
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const recurring: Gate = {
  name: 'recurring',
  reason: 'recurring',
  judge({ guards, alert }) {
    const { recurring: fact } = guards;
    if (!fact.known) return unreadable('recurring', fact.why);
    if (fact.value === null || fact.value.count < fact.value.max) return pass;
    const { count, withinMs } = fact.value;
    return refuse(
      'recurring',
      `${alert.service} was repaired ${count} times within ${durationText(withinMs)}: a person must find out why`,
    );
  },
};
