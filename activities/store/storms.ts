/**
 * Storms of alerts, one at a time in each failure domain, which is an environment: begins and ends them, holds the firings
 * that arrive in one, and lets them go at a pace. It starts no run: what it lets go is due in the inbox like everything else.
 */
import { sql } from 'kysely';
import type { Tier } from '../../workflows/domain/entry.js';
import { hours, minutes } from '../../workflows/domain/time.js';
import { announce } from './announcement.js';
import type { Db } from './db.js';
import { isEnded } from './episodes.js';
import { never } from './inbox-insert.js';
import { letGo, noTiers, type ServiceTiers } from './letting-go.js';
import { passOverdue, type Overdue } from './overdue.js';
import { tellRecurrences } from './recoveries.js';
import { arrivalsAtEndMax, begunText, endedText, permits, turnEveryMs } from './storm-rules.js';
import type { BegunStorm, EndedStorm, StormSettings } from './storm-rules.js';

/** A storm that is on. */
export interface Storm {
  readonly domain: string;
  /** Unix milliseconds on the database's clock. */
  readonly beganAtMs: number;
}

/** Every method throws when PostgreSQL cannot be reached; nothing is then half done. */
export interface Storms {
  /** Begins the storms there are, with their page, and answers with all that are on. Any process, as often as it likes. */
  look(): Promise<readonly Storm[]>;
  /** Holds, passes over, lets go and ends, once a second for all processes together: whoever comes sooner does nothing. */
  turn(): Promise<void>;
}

/** Rows one statement of a turn works on; the next turn goes on. */
const arrivalsMax = 20_000;
const heldPerTurnMax = 5_000;
const resolutionsPerTurnMax = 10_000;
/** A run that was let go and never heard of, as when somebody deleted it, counts as under way for this long. */
const unseenMsMax = hours(1);
/** Between two looks for services that are repaired again and again. */
const recurrencesEveryMs = minutes(1);

/** What others know, and the store does not. */
export interface StormKnowledge {
  /** Without it the oldest goes first. */
  readonly tiersOf?: ServiceTiers;
  /** Without it nothing is held for too long. */
  readonly overdue?: Overdue;
}

interface Turn extends StormKnowledge {
  readonly settings: StormSettings;
  readonly tiers: ReadonlyMap<string, Tier>;
  /** Up to which row held firings were looked at for being overdue. */
  readonly place: { afterId: number };
}

/** Asks nothing of the database until it is asked. */
export function createStorms(
  db: Db,
  settings: StormSettings,
  knowledge: StormKnowledge = {},
): Storms {
  const { tiersOf = noTiers } = knowledge;
  const place = { afterId: 0 };
  return {
    async look() {
      if (await isCrowded(db, settings)) {
        await db.transaction().execute((own) => begin(own, settings));
      }
      return stormsOn(db);
    },
    async turn() {
      const tiers = await tiersOf();
      await db.transaction().execute((own) => turn(own, { ...knowledge, settings, tiers, place }));
    },
  };
}

/** Storms take their firings out of this count. */
function crowds({ firingsMax, withinMs }: StormSettings) {
  return sql`
    SELECT environment AS domain, count(*) AS firings FROM (
      SELECT environment FROM inbox AS firing
      WHERE status = 'firing' AND storm IS NULL AND repeat_of IS NULL
        AND received_at > statement_timestamp() - ${withinMs} * interval '1 millisecond' AND NOT ${isEnded('firing')}
      LIMIT ${arrivalsMax}
    ) AS arrived
    WHERE NOT EXISTS (SELECT FROM storms WHERE storms.domain = arrived.environment AND ended_at IS NULL)
    GROUP BY environment HAVING count(*) > ${firingsMax}`;
}

async function isCrowded(db: Db, settings: StormSettings): Promise<boolean> {
  const { rows } = await crowds(settings).execute(db);
  return rows.length > 0;
}

/** Two processes may come to this at once: one begins the storm and tells, the other finds it there. */
async function begin(db: Db, settings: StormSettings): Promise<void> {
  const { rows } = await sql<BegunStorm>`
    INSERT INTO storms (domain, firings) ${crowds(settings)} ORDER BY domain
    ON CONFLICT (domain) WHERE ended_at IS NULL DO NOTHING
    RETURNING id, domain, firings`.execute(db);
  for (const storm of rows) await announce(db, begunText(settings, storm));
}

async function stormsOn(db: Db): Promise<readonly Storm[]> {
  const { rows } = await sql<Storm>`
    SELECT domain, floor(1000 * extract(epoch FROM began_at))::bigint AS "beganAtMs"
    FROM storms WHERE ended_at IS NULL`.execute(db);
  return rows;
}

async function turn(db: Db, { settings, tiers, overdue, place }: Turn): Promise<void> {
  if (!(await takeTurn(db, 'turned_at', turnEveryMs * 0.9))) return;
  if (await isAnythingHeld(db)) {
    await hold(db, settings);
    await forgetBegun(db);
    await passOver(db);
    if (overdue !== undefined) place.afterId = await passOverdue(db, overdue, place.afterId);
    await letGo(db, permits(settings, await underWay(db, settings)), tiers);
    await end(db, settings);
  }
  if (await takeTurn(db, 'recoveries_at', recurrencesEveryMs)) await tellRecurrences(db);
}

/** False when it was taken less than `everyMs` ago, or is being taken. */
async function takeTurn(
  db: Db,
  column: 'turned_at' | 'recoveries_at',
  everyMs: number,
): Promise<boolean> {
  const taken = sql.ref(column);
  const { rows } = await sql`
    UPDATE storm_pace SET ${taken} = clock_timestamp()
    WHERE one IN (
      SELECT one FROM storm_pace
      WHERE ${taken} <= clock_timestamp() - ${everyMs} * interval '1 millisecond' FOR UPDATE SKIP LOCKED
    )
    RETURNING one`.execute(db);
  return rows.length > 0;
}

async function isAnythingHeld(db: Db): Promise<boolean> {
  const { rows } = await sql<{ yes: boolean }>`
    SELECT EXISTS (SELECT FROM storms WHERE ended_at IS NULL)
      OR EXISTS (SELECT FROM inbox WHERE hold IS NOT NULL) AS yes`.execute(db);
  return rows[0]?.yes === true;
}

/** What arrived before the storm was noticed belongs to it as well; what is done already only counts. */
async function hold(db: Db, { withinMs }: StormSettings): Promise<void> {
  await sql`
    UPDATE inbox SET storm = arrived.storm,
      hold = CASE WHEN inbox.state = 'pending' THEN 'held' END,
      next_attempt_at = CASE WHEN inbox.state = 'pending' THEN ${never} ELSE inbox.next_attempt_at END
    FROM (
      SELECT inbox.id, storms.id AS storm
      FROM inbox JOIN storms ON storms.domain = inbox.environment AND storms.ended_at IS NULL
      WHERE inbox.status = 'firing' AND inbox.storm IS NULL
        AND inbox.received_at > storms.began_at - ${withinMs} * interval '1 millisecond'
      LIMIT ${heldPerTurnMax} FOR UPDATE OF inbox SKIP LOCKED
    ) AS arrived
    WHERE inbox.id = arrived.id`.execute(db);
}

/** Once the list of runs has it, it is counted there. */
async function forgetBegun(db: Db): Promise<void> {
  await sql`
    UPDATE inbox SET hold = NULL
    WHERE hold = 'let-go' AND state <> 'pending' AND (
      run IS NULL OR EXISTS (SELECT FROM runs WHERE runs.run = inbox.run)
      OR next_attempt_at < statement_timestamp() - ${unseenMsMax} * interval '1 millisecond')`.execute(
    db,
  );
}

/** Firings that resolved while they were held, without a single start. Their resolutions are due then, and find that. */
async function passOver(db: Db): Promise<void> {
  await sql`
    UPDATE inbox SET state = 'dispatched', why = ${overText}, hold = NULL, next_attempt_at = clock_timestamp()
    WHERE id IN (
      SELECT firing.id FROM (
        SELECT source, fingerprint FROM inbox
        WHERE state = 'pending' AND status = 'resolved' AND next_attempt_at <= statement_timestamp()
        ORDER BY next_attempt_at LIMIT ${resolutionsPerTurnMax}
      ) AS ending
      JOIN inbox AS firing USING (source, fingerprint)
      WHERE firing.state = 'pending' AND firing.hold = 'held' AND ${isEnded('firing')}
      FOR UPDATE OF firing SKIP LOCKED
    )`.execute(db);
}

/** Why nothing began for a firing. */
export const overText = 'it was resolved before a run had begun';

/** Runs that are neither over nor only watching, and firings let go whose run is not in the list yet; counted up to the bound. */
async function underWay(db: Db, { openRunsMax }: StormSettings): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT (
      SELECT count(*) FROM (
        SELECT FROM runs WHERE state NOT IN ('watching', 'closed') LIMIT ${openRunsMax}
      ) AS active
    ) + (SELECT count(*) FROM inbox WHERE hold = 'let-go') AS count`.execute(db);
  return rows[0]?.count ?? openRunsMax;
}

/** Those that began long enough ago, and in which few firings arrived since. What is held stays so until it is let go. */
async function end(db: Db, settings: StormSettings): Promise<void> {
  const few = arrivalsAtEndMax(settings);
  const quietSince = sql`statement_timestamp() - ${settings.withinMs} * interval '1 millisecond'`;
  const { rows } = await sql<EndedStorm>`
    WITH ended AS (
      UPDATE storms SET ended_at = clock_timestamp()
      WHERE ended_at IS NULL AND began_at < ${quietSince} AND ${few} >= (
        SELECT count(*) FROM (
          SELECT received_at FROM inbox WHERE inbox.storm = storms.id ORDER BY id DESC LIMIT ${few + 1}
        ) AS latest
        WHERE received_at > ${quietSince}
      )
      RETURNING id, domain, began_at, ended_at
    )
    SELECT id, domain, floor(1000 * extract(epoch FROM ended_at - began_at))::bigint AS "lastedMs", counts.*
    FROM ended, LATERAL (
      SELECT count(*) AS firings, count(*) FILTER (WHERE hold = 'held') AS held, count(run) AS begun,
        count(*) FILTER (WHERE state <> 'pending' AND run IS NULL) AS "passedOver"
      FROM inbox WHERE inbox.storm = ended.id
    ) AS counts`.execute(db);
  for (const storm of rows) await announce(db, endedText(storm));
}
