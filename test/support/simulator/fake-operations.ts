/** Operations in memory, on virtual time, with the same rules as the table. */
import type { Claim, Operations } from '../../../activities/effects.js';
import type { Json } from '../../../workflows/domain/json.js';

interface Row {
  firstAttemptAtMs: number;
  attempts: number;
  cleanAttempts: number;
  claimedUntilMs: number;
  result?: { readonly value: Json };
}

export interface FakeOperations extends Operations {
  /** Whether any attempt of it ever began. */
  claimed(operationId: string): boolean;
}

export function createFakeOperations(now: () => number): FakeOperations {
  const rows = new Map<string, Row>();
  return {
    claimed: (operationId) => rows.has(operationId),
    claim(operationId, ttlMs): Promise<Claim> {
      const row = rows.get(operationId);
      if (row === undefined) {
        rows.set(operationId, {
          firstAttemptAtMs: now(),
          attempts: 1,
          cleanAttempts: 0,
          claimedUntilMs: now() + ttlMs,
        });
        return Promise.resolve({ state: 'new', firstAttemptAtMs: now(), attempt: 1 });
      }
      if (row.result !== undefined)
        return Promise.resolve({ state: 'done', result: row.result.value });
      if (row.claimedUntilMs > now()) return Promise.resolve({ state: 'busy' });
      row.attempts += 1;
      row.claimedUntilMs = now() + ttlMs;
      const { firstAttemptAtMs, attempts: attempt } = row;
      const state = row.attempts - 1 === row.cleanAttempts ? 'new' : 'again';
      return Promise.resolve({ state, firstAttemptAtMs, attempt });
    },
    extend(operationId, attempt, ttlMs) {
      const row = rows.get(operationId);
      if (row === undefined || row.attempts !== attempt) return Promise.resolve(false);
      row.claimedUntilMs = now() + ttlMs;
      return Promise.resolve(true);
    },
    settle(operationId, result) {
      const row = rows.get(operationId);
      if (row !== undefined) row.result = { value: result };
      return Promise.resolve();
    },
    release(operationId, attempt, clean) {
      const row = rows.get(operationId);
      if (row?.attempts !== attempt) return Promise.resolve();
      row.claimedUntilMs = now();
      if (clean) row.cleanAttempts += 1;
      return Promise.resolve();
    },
  };
}
