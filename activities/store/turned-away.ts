/**
 * Senders that were turned away: a line in the ledger each time it is asked, and a page to everyone, at most one a source and
 * hour. Both are committed together: whoever loses alerts in silence is heard of even when this process dies at once.
 */
import { sql } from 'kysely';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import type { IntakeLine } from './intake-lines.js';
import { writeNotice } from './pages.js';

export interface TurnedAway extends IntakeLine {
  /** From the table of doors, so there are few. */
  readonly source: string;
}

/** Throws when it could not be written; then neither the line nor the page is. */
export function noteTurnedAway(db: Db, told: TurnedAway): Promise<void> {
  const { source, says, detail } = told;
  return db.transaction().execute(async (own) => {
    await writeBareLine(own, { kind: 'intake', tier: 'warning', actor: 'belay', says, detail });
    const hour = await hourToTellIn(own, source);
    if (hour !== undefined) await writeNotice(own, noticeOf(told, hour));
  });
}

/** Undefined when people were told within the last hour. Two processes in the same hour come to the same name. */
async function hourToTellIn(db: Db, source: string): Promise<string | undefined> {
  const { rows } = await sql<{ hour: string }>`
    SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24') AS hour
    WHERE NOT EXISTS (
      SELECT FROM notices WHERE run = ${aboutOf(source)} AND created_at > clock_timestamp() - interval '1 hour'
    )`.execute(db);
  return rows[0]?.hour;
}

function noticeOf({ source, says }: TurnedAway, hour: string) {
  const cause = `Either its secret or its clock is wrong here or there, or somebody tries the door`;
  return {
    id: `${aboutOf(source)}.${hour}`,
    run: aboutOf(source),
    to: 'everyone',
    urgency: 'page',
    title: `${source}: a sender is turned away`,
    text: `${says}. ${cause}. A sender that is turned away loses its alerts: docs/senders.md says what ${source} must show.`,
  } as const;
}

function aboutOf(source: string): string {
  return `turned-away.${source}`;
}
