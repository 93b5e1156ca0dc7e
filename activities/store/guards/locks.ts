/**
 * One admission at a time counts and takes in a scope: locks that end with the transaction. Always taken in the same order, first
 * those every admission of the scope needs, then the leases, then those that only some states need. It counts nothing.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Circuit, GuardFacts } from '../../../workflows/gates/guard-facts.js';
import type { Db } from '../db.js';

/** SQL of one value for each lock; evaluated, it has them all. */
export function locking(scopes: readonly string[]): RawBuilder<unknown> {
  return sql`
    SELECT pg_advisory_xact_lock(key) FROM (
      SELECT DISTINCT hashtextextended('belay.guard ' || scope, 0) AS key
      FROM unnest(${scopes}::text[]) AS asked(scope) ORDER BY key
    ) AS ordered`;
}

/** Waits for them; throws when that takes longer than a lock may be waited for. */
export async function lockScopes(db: Db, scopes: readonly string[]): Promise<void> {
  await locking(scopes).execute(db);
}

/** What must be counted once more under a lock of its own: a breaker that lets one in, a storm that lets a few in. */
export function lateLocksOf({ circuits, storms }: GuardFacts): string[] {
  const tripped = circuits.known ? circuits.value.filter(isTripped) : [];
  const ending = storms.known ? storms.value.filter(({ state }) => state === 'ending') : [];
  return [
    ...tripped.map(({ says }) => `circuit:${says}`),
    ...ending.map(({ scope }) => `storm:${scope}`),
  ];
}

function isTripped({ attempts, failuresMax }: Circuit): boolean {
  const ended = attempts.filter(({ came }) => came !== 'pending').slice(0, failuresMax);
  return ended.length === failuresMax && ended.every(({ came }) => came === 'bad');
}
