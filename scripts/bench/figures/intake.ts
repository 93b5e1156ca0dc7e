/**
 * What the intake takes in: bodies of ten alerts, each acknowledged once it is committed, over 64 connections that are never
 * idle; and a storm of 100,000 alerts in a minute, in which none may be lost. The shipped intake with its shipped settings.
 */
import { sql } from 'kysely';
import { createInbox } from '../../../activities/store/inbox.js';
import { createCrowd } from '../rig/crowd.js';
import { figureOf, type Figure } from '../rig/figure.js';
import { flood } from '../rig/flood.js';
import type { Ground } from '../rig/ground.js';
import type { IntakeAlone } from '../rig/intake-alone.js';
import { watchMemory } from '../rig/memory.js';
import { atPace } from '../rig/pace.js';
import { post } from '../rig/post.js';
import type { Size } from '../rig/size.js';
import { percentile, sum } from '../rig/statistics.js';
import { until } from '../rig/until.js';

const alertsPerBody = 10;
const connections = 64;
const goals = { requestsPerSecondMin: 3_000, p99MsMax: 250, megabytesMax: 400 };
const stormMinuteMs = 60_000;
const unpackedWithinMs = 600_000;

export async function measureIntake(ground: Ground, size: Size): Promise<Figure[]> {
  return [...(await measureFlood(ground, size)), ...(await measureStorm(ground, size))];
}

async function measureFlood(ground: Ground, size: Size): Promise<Figure[]> {
  const intake = await ground.intake('flood');
  try {
    const nextBody = createCrowd(alertsPerBody);
    const plan = { ...doorOf(intake), connections, nextBody };
    const warm = await flood({ ...plan, forMs: 2_000 });
    ground.log(`${connections} connections for ${size.floodSeconds} s`);
    const memory = watchMemory(intake.pid);
    const { acceptedMs, others, tookMs } = await flood({
      ...plan,
      forMs: size.floodSeconds * 1000,
    });
    const megabytes = memory();
    ground.keep({ what: 'intake-accepted', perSecond: null, round: 0, ms: acceptedMs });
    const requests = acceptedMs.length + warm.acceptedMs.length;
    ground.log(`unpacking the backlog of ${requests * alertsPerBody} alerts`);
    const { perSecond, lost } = await unpacked(intake, requests * alertsPerBody);
    return [
      figureOf({
        name: 'intake-requests',
        value: (acceptedMs.length * 1000) / tookMs,
        unit: 'requests/s',
        atLeast: goals.requestsPerSecondMin,
      }),
      figureOf({ name: 'intake-p50', value: percentile(acceptedMs, 0.5), unit: 'ms' }),
      figureOf({
        name: 'intake-p99',
        value: percentile(acceptedMs, 0.99),
        unit: 'ms',
        atMost: goals.p99MsMax,
      }),
      figureOf({ name: 'intake-turned-away', value: sum([...others.values()]), unit: 'requests' }),
      figureOf({ name: 'intake-flood-memory', value: megabytes, unit: 'MB' }),
      figureOf({ name: 'intake-unpacked', value: perSecond, unit: 'alerts/s' }),
      figureOf({ name: 'intake-flood-lost', value: lost, unit: 'alerts', atMost: 0 }),
    ];
  } finally {
    await intake.stop();
  }
}

/** The same minute for every size: what it costs depends on how long it lasts. */
async function measureStorm(ground: Ground, size: Size): Promise<Figure[]> {
  const intake = await ground.intake('storm');
  try {
    const bodies = size.stormAlerts / alertsPerBody;
    const pace = { count: bodies, perSecond: (bodies * 1000) / stormMinuteMs };
    ground.log(`a storm of ${size.stormAlerts} alerts in a minute`);
    const nextBody = createCrowd(alertsPerBody);
    const memory = watchMemory(intake.pid);
    const { url, token } = doorOf(intake);
    const headers = { authorization: `Bearer ${token}` };
    const posted = await atPace(pace, () =>
      post(url, { body: nextBody(0).toString('latin1'), headers }),
    );
    const taken = posted.filter(({ status }) => status === 202);
    const { lost } = await unpacked(intake, taken.length * alertsPerBody);
    const megabytes = memory();
    const { pages, begun } = await whatItDid(intake);
    const waitedMs = taken.map(({ sentMs, acceptedMs }) => acceptedMs - sentMs);
    return [
      figureOf({ name: 'storm-p99', value: percentile(waitedMs, 0.99), unit: 'ms' }),
      figureOf({
        name: 'storm-turned-away',
        value: posted.length - taken.length,
        unit: 'requests',
      }),
      figureOf({ name: 'storm-lost', value: lost, unit: 'alerts', atMost: 0 }),
      figureOf({
        name: 'storm-memory',
        value: megabytes,
        unit: 'MB',
        atMost: goals.megabytesMax,
      }),
      figureOf({ name: 'storm-pages', value: pages, unit: 'pages', atMost: 1 }),
      figureOf({ name: 'storm-begun', value: begun, unit: 'runs' }),
    ];
  } finally {
    await intake.stop();
  }
}

function doorOf({ url, token }: IntakeAlone) {
  return { url: `${url}/v1/alerts/alertmanager`, token };
}

interface UnpackedBacklog {
  /** Of what was still in the backlog when nothing came any more; NaN when that was nothing. */
  readonly perSecond: number;
  readonly lost: number;
}

/** Waits until every alert that was acknowledged has its row, and counts those that have none. */
async function unpacked({ db }: IntakeAlone, acknowledged: number): Promise<UnpackedBacklog> {
  const before = await rowsIn(db);
  const startedMs = Date.now();
  const what = 'the end of the backlog';
  await until({ what, withinMs: unpackedWithinMs }, async () => {
    const { rows } = await sql`SELECT FROM inbox_backlog LIMIT 1`.execute(db);
    return rows.length === 0 ? true : undefined;
  });
  const after = await rowsIn(db);
  const perSecond = ((after - before) * 1000) / (Date.now() - startedMs);
  return { perSecond: after === before ? Number.NaN : perSecond, lost: acknowledged - after };
}

async function rowsIn(db: IntakeAlone['db']): Promise<number> {
  return sum(Object.values(await createInbox(db).counts()));
}

async function whatItDid({ db }: IntakeAlone): Promise<{ pages: number; begun: number }> {
  const { rows } = await sql<{ pages: number; begun: number }>`
    SELECT (SELECT count(*) FROM notices) AS pages, (SELECT count(run) FROM inbox) AS begun`.execute(
    db,
  );
  return rows[0] ?? { pages: Number.NaN, begun: Number.NaN };
}
