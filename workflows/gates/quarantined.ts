/** Did an earlier run leave one of the targets in an unknown state? Only a person may release it. */
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const quarantined: Gate = {
  name: 'quarantined',
  reason: 'quarantined',
  judge({ quarantined: marks }) {
    if (!marks.known) return unreadable('quarantined', marks.why);
    const mark = marks.value[0];
    if (mark === undefined) return pass;
    return refuse('quarantined', `run ${mark.run} left ${mark.target} unsafe: ${mark.why}`);
  },
};
