/** Finds the service that a runbook repairs by itself again and again, and says so once an hour; it changes no run. */
import { sql } from 'kysely';
import { announce } from './announcement.js';
import type { Db } from './db.js';
import { recoveriesMax, recurrenceText, type Recurrence } from './storm-rules.js';

/** Services told of in one look; the next look finds the others. */
const servicesMax = 20;

/**
 * Runs that an alert began, nobody was asked about (level 4 or 5), and that ended resolved. Of a service's runbooks the one
 * with most. Not for two processes at once: both would tell.
 */
export async function tellRecurrences(db: Db): Promise<void> {
  const { rows } = await sql<Recurrence>`
    WITH recoveries AS (
      SELECT service, runbook, count(DISTINCT run) AS times FROM ledger
      WHERE kind = 'outcome' AND outcome = 'resolved' AND trigger = 'alert' AND level >= 4
        AND recorded_at > statement_timestamp() - interval '1 hour'
      GROUP BY service, runbook HAVING count(DISTINCT run) >= ${recoveriesMax}
    )
    SELECT DISTINCT ON (service) service, runbook, times,
      floor(1000 * extract(epoch FROM statement_timestamp()))::bigint AS "atMs"
    FROM recoveries
    WHERE NOT EXISTS (
      SELECT FROM notices
      WHERE notices.run = 'recoveries.' || recoveries.service
        AND notices.created_at > statement_timestamp() - interval '1 hour'
    )
    ORDER BY service, times DESC, runbook LIMIT ${servicesMax}`.execute(db);
  for (const recurrence of rows) await announce(db, recurrenceText(recurrence));
}
