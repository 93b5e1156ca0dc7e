/** Does a calendar forbid changes now? A freeze holds for everyone; on a day without automation a person may still agree. */
import { instantText } from '../domain/time.js';
import { pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate, type GateFacts } from './gate.js';

export const frozen: Gate = {
  name: 'frozen',
  reason: 'frozen',
  judge(facts) {
    const { frozen: fact } = facts.guards;
    if (!fact.known) return unreadable('frozen', fact.why);
    const freeze = fact.value.find(({ kind }) => kind === 'freeze' || !askedOfPeople(facts));
    if (freeze === undefined) return pass;
    const what = freeze.kind === 'freeze' ? 'nothing is changed' : 'nothing acts by itself';
    return refuse(
      'frozen',
      `${freeze.says} (${freeze.calendar}): ${what} until ${minuteText(freeze.untilMs)}`,
    );
  },
};

/** A calendar is no finer than minutes: `2026-01-05 23:00 UTC`. */
function minuteText(atMs: number): string {
  return `${instantText(atMs).slice(0, 16).replace('T', ' ')} UTC`;
}

/** Level 3 and below wait for a person. What policy asks for is not known to be people where it cannot be read. */
function askedOfPeople({ asked }: GateFacts): boolean {
  return asked.known && asked.value !== null && asked.value.level <= 3;
}
