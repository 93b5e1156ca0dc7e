/** Does policy permit every step, and still at the level that was agreed to? It refuses silence, and less than was agreed. */
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Consent, type Gate } from './gate.js';

export const policy: Gate = {
  name: 'policy',
  reason: 'policy-forbids',
  judge({ permissions, steps, asked, agreed }) {
    if (!permissions.known) return unreadable('policy', permissions.why);
    for (const step of steps) {
      const answer = permissions.value.find((permission) => permission.step === step.name);
      if (answer === undefined || answer.level === null) {
        const why = answer?.why ?? 'policy says nothing about it';
        return refuse('policy-forbids', `step ${step.name}: ${why}`);
      }
    }
    if (!asked.known) return unreadable('policy', asked.why);
    if (agreed !== null && asked.value !== null && asksForMore(asked.value, agreed)) {
      return refuse('policy-forbids', `policy changed: it now asks for ${text(asked.value)}`);
    }
    return pass;
  },
};

function asksForMore(now: Consent, agreed: Consent): boolean {
  return now.level < agreed.level || (now.level === 3 && now.approvalsMin > agreed.approvalsMin);
}

function text({ level, approvalsMin }: Consent): string {
  return level === 3 ? `level 3, approvals needed: ${approvalsMin}` : `level ${level}`;
}
