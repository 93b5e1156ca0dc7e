/** The notices that are still to be delivered. Hands them out and keeps what became of them; delivers nothing. */
import { sql } from 'kysely';
import type { Notice } from '../../workflows/domain/entry.js';
import type { Db } from './db.js';

export interface TakenNotice extends Notice {
  readonly id: string;
  readonly run: string;
  readonly createdAtMs: number;
  /** Names of the channels that have it already. */
  readonly deliveredTo: readonly string[];
  /** This one included. */
  readonly attempts: number;
}

/** Every method throws when the database cannot be reached. */
export interface Outbox {
  /** Takes at most `countMax` that are due, oldest first; nobody else is given them for `holdMs`. */
  take(countMax: number, holdMs: number): Promise<readonly TakenNotice[]>;
  /** A channel has it. */
  reached(id: string, channel: string): Promise<void>;
  /** Every channel has it. */
  delivered(id: string): Promise<void>;
  /** Somebody did not take it: it is due again after `afterMs`. */
  postpone(id: string, reason: { readonly afterMs: number; readonly why: string }): Promise<void>;
}

interface TakenRow {
  readonly id: string;
  readonly run: string;
  readonly to: string;
  readonly urgency: Notice['urgency'];
  readonly title: string;
  readonly text: string;
  readonly created_at: Date;
  readonly delivered_to: string[];
  readonly attempts: number;
}

export function createOutbox(db: Db): Outbox {
  return {
    async take(countMax, holdMs) {
      const { rows } = await sql<TakenRow>`
        WITH due AS (
          SELECT id FROM notices WHERE delivered_at IS NULL AND next_attempt_at <= clock_timestamp()
          ORDER BY next_attempt_at, created_at LIMIT ${countMax} FOR UPDATE SKIP LOCKED
        )
        UPDATE notices SET attempts = attempts + 1,
          next_attempt_at = clock_timestamp() + ${holdMs} * interval '1 millisecond'
        FROM due WHERE notices.id = due.id
        RETURNING notices.id, run, "to", urgency, title, text, created_at, delivered_to, attempts`.execute(
        db,
      );
      return rows.map(takenOf).toSorted((a, b) => a.createdAtMs - b.createdAtMs);
    },
    async reached(id, channel) {
      await sql`
        UPDATE notices SET delivered_to = array_append(delivered_to, ${channel})
        WHERE id = ${id} AND NOT (${channel} = ANY(delivered_to))`.execute(db);
    },
    async delivered(id) {
      await sql`UPDATE notices SET delivered_at = clock_timestamp(), why = NULL WHERE id = ${id}`.execute(
        db,
      );
    },
    async postpone(id, { afterMs, why }) {
      await sql`
        UPDATE notices SET why = ${why}, next_attempt_at = clock_timestamp() + ${afterMs} * interval '1 millisecond'
        WHERE id = ${id}`.execute(db);
    },
  };
}

function takenOf({ created_at, delivered_to, ...notice }: TakenRow): TakenNotice {
  return { ...notice, createdAtMs: created_at.getTime(), deliveredTo: delivered_to };
}
