/** Would the run touch a part of Belay itself? An engine that repairs what it stands on saws off its branch. */
import { matches } from '../domain/pattern.js';
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

export const self: Gate = {
  name: 'self',
  reason: 'own-part',
  judge({ self: own, steps, alert }) {
    if (!own.known) return unreadable('self', own.why);
    const touched = [alert.service, ...steps.map((step) => step.target)];
    const part = touched.find((name) => own.value.some((pattern) => matches(pattern, name)));
    return part === undefined ? pass : refuse('own-part', `${part} is a part of Belay`);
  },
};
