/**
 * Does this action keep failing? Closed: it may. Open: it may not. Half-open, once a while has passed: exactly one run may try,
 * and what comes of it closes the breaker or opens it anew. What nobody can tell counts as a failure.
 */
import { durationText, seconds } from '../domain/time.js';
import { hold, pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';
import type { Circuit } from './guard-facts.js';

const askAgainAfterMs = seconds(10);

export const breaker: Gate = {
  name: 'breaker',
  reason: 'breaker-open',
  judge({ guards, nowMs }) {
    const { circuits: fact } = guards;
    if (!fact.known) return unreadable('breaker', fact.why);
    for (const circuit of fact.value) {
      const stands = standOf(circuit, nowMs);
      if (stands.kind === 'open') {
        const why = `${circuit.says} failed ${stands.failures} times in a row; one try is let in in`;
        return refuse('breaker-open', `${why} ${durationText(stands.leftMs)}`);
      }
      if (stands.kind === 'probing') {
        const why = `${circuit.says} kept failing, and run ${stands.run} is the one that tries again`;
        return hold('breaker-open', why, askAgainAfterMs);
      }
    }
    return pass;
  },
};

type Stand =
  | { readonly kind: 'closed' | 'half-open' }
  | { readonly kind: 'open'; readonly failures: number; readonly leftMs: number }
  | { readonly kind: 'probing'; readonly run: string };

/** Read off the attempts themselves: there is no state that could be lost, or be set by anything but what happened. */
function standOf({ attempts, failuresMax, retryAfterMs }: Circuit, nowMs: number): Stand {
  const ended = attempts.filter(({ came }) => came !== 'pending');
  const sinceWell = ended.findIndex(({ came }) => came === 'well');
  const failures = sinceWell < 0 ? ended : ended.slice(0, sinceWell);
  if (failures.length < failuresMax) return { kind: 'closed' };
  const lastMs = Math.max(...failures.map(({ atMs }) => atMs));
  const probe = attempts.find(({ came }) => came === 'pending');
  if (probe !== undefined) return { kind: 'probing', run: probe.run };
  const leftMs = lastMs + retryAfterMs - nowMs;
  return leftMs > 0 ? { kind: 'open', failures: failures.length, leftMs } : { kind: 'half-open' };
}
