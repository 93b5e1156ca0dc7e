/**
 * The backlog: alerts of a flood, committed as they are, before each has its row in the inbox. A firing and its resolution may
 * overtake each other here: the inbox does not depend on their order. It keeps and unpacks, and starts nothing.
 */
import { sql, type Transaction } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { messageOf } from '../../workflows/domain/failure.js';
import type { Db } from './db.js';
import type { DeadLetters } from './dead-letters.js';
import { insertAlerts, type Taken } from './inbox-insert.js';
import { isItemFault } from './pg-error.js';
import type { Database } from './schema.js';

/** An alert that has its row now. */
export interface Unpacked {
  readonly alert: Alert;
  readonly receivedAtMs: number;
  readonly taken: Taken;
}

/** Every method throws when PostgreSQL cannot be reached; nothing is then half done. */
export interface Backlog {
  /** Commits them before it resolves. */
  keep(alerts: readonly Alert[]): Promise<void>;
  /** Moves the oldest into the inbox, about a thousand, and answers with them; none when nothing waits. */
  unpack(): Promise<readonly Unpacked[]>;
}

export interface BacklogParts {
  readonly db: Db;
  /** Takes an alert that the inbox refuses, so that it holds up no other. */
  readonly deadLetters: DeadLetters;
}

/** Alerts of one row: so many are moved in one go, and a process that dies has so many to move again. */
const alertsPerRow = 500;
const rowsPerTurn = 2;

export function createBacklog(parts: BacklogParts): Backlog {
  return {
    async keep(alerts) {
      // Values and not arrays: the driver would look at every character of them for a quote.
      const rows = chunksOf(alerts).map((chunk) => {
        return sql`(${chunk.length}::integer, ${JSON.stringify(chunk)})`;
      });
      await sql`INSERT INTO inbox_backlog (count, alerts) VALUES ${sql.join(rows)}`.execute(
        parts.db,
      );
    },
    async unpack() {
      try {
        return await move(parts.db, rowsPerTurn, insertAll);
      } catch (error) {
        if (!isItemFault(error)) throw error;
        return move(parts.db, 1, (own, rows) => insertApart(own, rows, parts.deadLetters));
      }
    },
  };
}

function chunksOf(alerts: readonly Alert[]): (readonly Alert[])[] {
  const count = Math.ceil(alerts.length / alertsPerRow);
  return Array.from({ length: count }, (_, index) => {
    return alerts.slice(index * alertsPerRow, (index + 1) * alertsPerRow);
  });
}

interface Row {
  readonly alerts: readonly Alert[];
  readonly receivedAtMs: number;
}

type Own = Transaction<Database>;
type Insert = (own: Own, rows: readonly Row[]) => Promise<readonly Unpacked[]>;

/** Out of the backlog and into the inbox, or neither. Rows that another process moves are passed over. */
async function move(db: Db, limit: number, into: Insert): Promise<readonly Unpacked[]> {
  return db.transaction().execute(async (own) => {
    const { rows } = await sql<{ alerts: string; receivedAtMs: number }>`
      DELETE FROM inbox_backlog WHERE id IN (
        SELECT id FROM inbox_backlog ORDER BY id LIMIT ${limit} FOR UPDATE SKIP LOCKED
      )
      RETURNING alerts, 1000 * extract(epoch FROM received_at)::float8 AS "receivedAtMs"`.execute(
      own,
    );
    if (rows.length === 0) return [];
    const read = rows.map(({ alerts, receivedAtMs }) => {
      return { alerts: JSON.parse(alerts) as readonly Alert[], receivedAtMs };
    });
    return into(own, read);
  });
}

async function insertAll(own: Own, rows: readonly Row[]): Promise<readonly Unpacked[]> {
  const taken = await insertAlerts(own, rows);
  return rows.flatMap(({ alerts, receivedAtMs }, at) => {
    return alerts.flatMap((alert, index) => {
      const one = taken[at]?.[index];
      return one === undefined ? [] : [{ alert, receivedAtMs, taken: one }];
    });
  });
}

/** One by one, after one of them was refused: that one becomes a dead letter, and the others are taken. */
async function insertApart(
  own: Own,
  rows: readonly Row[],
  deadLetters: DeadLetters,
): Promise<readonly Unpacked[]> {
  const unpacked: Unpacked[] = [];
  for (const { alerts, receivedAtMs } of rows) {
    for (const alert of alerts) {
      const refused = await insertOne(own, { alert, receivedAtMs }, unpacked);
      if (refused !== undefined) await bury(deadLetters, alert, refused);
    }
  }
  return unpacked;
}

/** Answers why the inbox refuses this one; nothing of it is then left in the transaction. */
async function insertOne(
  own: Own,
  { alert, receivedAtMs }: Pick<Unpacked, 'alert' | 'receivedAtMs'>,
  unpacked: Unpacked[],
): Promise<unknown> {
  await sql`SAVEPOINT apart`.execute(own);
  try {
    unpacked.push(...(await insertAll(own, [{ alerts: [alert], receivedAtMs }])));
    await sql`RELEASE SAVEPOINT apart`.execute(own);
    return undefined;
  } catch (error) {
    if (!isItemFault(error)) throw error;
    await sql`ROLLBACK TO SAVEPOINT apart`.execute(own);
    return error;
  }
}

/** Kept before the row is gone; the same again, after a crash between, is only a count. */
async function bury(deadLetters: DeadLetters, alert: Alert, error: unknown): Promise<void> {
  await deadLetters.keep({
    source: alert.source,
    why: `the inbox does not take it: ${messageOf(error)}`,
    body: Buffer.from(JSON.stringify(alert)),
    headers: {},
  });
}
