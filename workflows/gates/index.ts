/** The gates in the order they are asked, cheapest first, and how their answers become one; adds no rule of its own. */
import { blastRadius } from './blast-radius.js';
import { breaker } from './breaker.js';
import { budget } from './budget.js';
import { dependency } from './dependency.js';
import { errorBudget } from './error-budget.js';
import { frozen } from './frozen.js';
import { approved } from './approved.js';
import { lease } from './lease.js';
import { policy } from './policy.js';
import { quarantined } from './quarantined.js';
import { rate } from './rate.js';
import { recurring } from './recurring.js';
import { resolved } from './resolved.js';
import { self } from './self.js';
import { stale } from './stale.js';
import { stopped } from './stopped.js';
import { storm } from './storm.js';
import type { Gate, GateFacts } from './gate.js';
import type { JudgedGate } from '../store.js';

/**
 * Asked twice: before people are asked, taking nothing, and at admission, in the transaction that takes the leases.
 * The approval gate stands between the two: it waits for people and is counted by the gate stage.
 */
export const gates: readonly Gate[] = [
  stopped, // a person said no to everything: nothing else matters
  self, // never repair the branch one sits on
  stale, // acting on the past does harm
  resolved, // nothing left to repair
  quarantined, // an unknown state is not to be built upon
  frozen, // nobody wants changes now
  recurring, // so often is no repair any more
  storm, // so many at once have one cause
  dependency, // the cause lies below
  lease, // one run per target
  blastRadius, // never too much at once
  budget, // so much risk and no more
  errorBudget, // nothing left that may go wrong
  rate, // one thing after the other
  breaker, // what keeps failing is left alone
  approved, // nothing goes out that is not on the lists
  policy, // how much may be done alone
];

/** The answers up to and including the first that is not a pass. */
export function judgeAll(facts: GateFacts): JudgedGate[] {
  const judged: JudgedGate[] = [];
  for (const gate of gates) {
    const verdict = gate.judge(facts);
    judged.push({ gate: gate.name, verdict });
    if (verdict.kind !== 'pass') break;
  }
  return judged;
}

/** The gate that did not pass, or undefined when all did. */
export function notPassed(judged: readonly JudgedGate[]): JudgedGate | undefined {
  return judged.find(({ verdict }) => verdict.kind !== 'pass');
}
