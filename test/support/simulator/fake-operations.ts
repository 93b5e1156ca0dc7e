/** Operations in memory, on virtual time, with the same rules as the table. */
import type { Claim, Claimed, Operations } from '../../../activities/effects.js';
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

/** What the store knows of the switch. */
export interface Switch {
  /** Why the operation may not begin, or undefined; throws when that cannot be read. */
  stopOf(operationId: string, actionClass: string): string | undefined;
  /** Every scope that covers it. */
  covering(operationId: string, actionClass: string): readonly string[];
}

const nothingStopped: Switch = { stopOf: () => undefined, covering: () => [] };

export function createFakeOperations(
  now: () => number,
  turned: Switch = nothingStopped,
): FakeOperations {
  const rows = new Map<string, Row>();
  return {
    claimed: (operationId) => rows.has(operationId),
    claim(operationId, ttlMs, asks): Promise<Claim> {
      return attempted(() => {
        const row = rows.get(operationId);
        const over = row === undefined ? undefined : overOf(row, now());
        if (over !== undefined) return over;
        const why = asks && turned.stopOf(operationId, asks.actionClass);
        if (why !== undefined) return { state: 'stopped', why, touched: mayHaveActed(row) };
        const scopes = asks === undefined ? [] : turned.covering(operationId, asks.actionClass);
        return { ...begun(rows, { operationId, nowMs: now(), ttlMs }), scopes };
      });
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

/** As a database does it: what cannot be read rejects. */
function attempted<Answer>(ask: () => Answer): Promise<Answer> {
  return new Promise((resolve) => {
    resolve(ask());
  });
}

function overOf({ result, claimedUntilMs }: Row, nowMs: number): Claim | undefined {
  if (result !== undefined) return { state: 'done', result: result.value };
  return claimedUntilMs > nowMs ? { state: 'busy' } : undefined;
}

function mayHaveActed(row: Row | undefined): boolean {
  return row !== undefined && row.attempts > row.cleanAttempts;
}

function begun(
  rows: Map<string, Row>,
  { operationId, nowMs, ttlMs }: { operationId: string; nowMs: number; ttlMs: number },
): Claimed {
  const fresh = { firstAttemptAtMs: nowMs, attempts: 0, cleanAttempts: 0, claimedUntilMs: 0 };
  const row = rows.get(operationId) ?? fresh;
  const state = mayHaveActed(row) ? 'again' : 'new';
  rows.set(operationId, row);
  row.attempts += 1;
  row.claimedUntilMs = nowMs + ttlMs;
  return { state, firstAttemptAtMs: row.firstAttemptAtMs, attempt: row.attempts };
}
