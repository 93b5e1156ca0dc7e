/** Does another run hold one of the targets? One run per target; the other is waited for, within bounds. */
import { seconds } from '../domain/time.js';
import { hold, pass } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

/** Short beside any repair, long beside a transaction. */
const askAgainAfterMs = seconds(5);

export const lease: Gate = {
  name: 'lease',
  reason: 'target-busy',
  judge({ leases }) {
    if (!leases.known) return unreadable('lease', leases.why);
    const held = leases.value[0];
    if (held === undefined) return pass;
    return hold('target-busy', `run ${held.holder} holds ${held.target}`, askAgainAfterMs);
  },
};
