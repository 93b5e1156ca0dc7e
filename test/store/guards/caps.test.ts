/** No cap is ever exceeded, whoever asks at once: a thousand runs from four processes against a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import {
  buildCrowd,
  keepHistory,
  mostAtOnce,
  spansOf,
  type LeaseSpan,
  type Wish,
} from './crowd.js';

let database: TestDatabase;
let db: Db;
let crowd: Awaited<ReturnType<typeof buildCrowd>>;
beforeAll(async () => {
  [database, crowd] = await Promise.all([openTestDatabase(), buildCrowd()]);
  db = database.db;
  await keepHistory(db);
}, 120_000);
afterAll(async () => {
  crowd.remove();
  await database.close();
});

const zones = ['a', 'b', 'c'] as const;
const services = Array.from({ length: 12 }, (_, at) => `service-${at}`);
const instances = 20;
const zoneOf = (service: string): string => zones[services.indexOf(service) % 3] ?? '';
const policy = `version: 1
self: [belay*]
levels: { restart: { warning: 4 } }
chains: { default: [{ notify: on-call, wait: 5m }] }
services:
${services.map((name) => `  ${name}: { tier: warning, environment: demo }`).join('\n')}
`;

interface Caps {
  readonly serviceTargets: number;
  readonly serviceRuns: number;
  readonly zoneTargets: number;
  readonly fleetTargets: number;
  readonly fleetRuns: number;
  readonly zonesAtOnce: number;
  readonly unhealthyMax: number;
  readonly recoveries: number;
  readonly risk: number;
  readonly rate: number;
  readonly rateWithinMs: number;
}

const drawn = fc.record<Caps>({
  serviceTargets: fc.integer({ min: 1, max: 6 }),
  serviceRuns: fc.integer({ min: 1, max: 4 }),
  zoneTargets: fc.integer({ min: 2, max: 9 }),
  fleetTargets: fc.integer({ min: 3, max: 20 }),
  fleetRuns: fc.integer({ min: 2, max: 12 }),
  zonesAtOnce: fc.integer({ min: 1, max: 3 }),
  unhealthyMax: fc.integer({ min: 2, max: 5 }),
  recoveries: fc.integer({ min: 10, max: 60 }),
  risk: fc.integer({ min: 100, max: 900 }),
  rate: fc.integer({ min: 20, max: 80 }),
  rateWithinMs: fc.integer({ min: 200, max: 800 }),
});

function rulesOf(caps: Caps): string {
  return `recurring: { max: ${caps.recoveries}, within: 1h }
storm: off
breaker: off
risk: { points: ${caps.risk}, within: 1h }
rate: { restart: { max: ${caps.rate}, within: ${caps.rateWithinMs}ms } }
blastRadius:
  service: { targets: ${caps.serviceTargets}, runs: ${caps.serviceRuns} }
  zone: { targets: ${caps.zoneTargets} }
  fleet: { targets: ${caps.fleetTargets}, runs: ${caps.fleetRuns} }
  zonesAtOnce: ${caps.zonesAtOnce}`;
}

function fleetOf({ unhealthyMax }: Caps): string {
  const minHealthy = instances - unhealthyMax;
  return services
    .map(
      (name) =>
        `${name}: { zone: ${zoneOf(name)}, instances: ${instances}, minHealthy: ${minHealthy} }`,
    )
    .join('\n');
}

/** Each is a thousand runs; CAPS_DRAWS=20 looks longer. */
const drawsMax = Number(process.env['CAPS_DRAWS'] ?? 1);

function wishesOf(round: number, length = 1000): Wish[] {
  return Array.from({ length }, (_, at): Wish => {
    const service = services[(at * 7) % services.length] ?? '';
    const count = 1 + (at % 3);
    const targets = Array.from({ length: count }, (__, nth) => {
      return `process:${service}/${(at + nth * 5) % instances}`;
    });
    return { run: `run-${round}-${at}`, service, targets, holdsMs: (at * 13) % 25 };
  });
}

test('a thousand concurrent admissions exceed no cap, and give everything back', async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async (caps) => {
      round += 1;
      const beganMs = Date.now();
      await sql`TRUNCATE lease_history, admissions`.execute(db);
      const ends = await crowd.loose(
        {
          url: database.url,
          policy,
          rules: rulesOf(caps),
          fleet: fleetOf(caps),
          wishes: wishesOf(round),
          atOnce: 25,
          connections: 8,
          attemptsMax: 4,
        },
        4,
      );
      const tookMs = Date.now() - beganMs;
      const admitted = ends.reduce((sum, end) => sum + end.admitted, 0);
      const spans = await spansOf(db);
      const asked = ends.reduce((sum, end) => sum + end.admitted + end.asked, 0);
      tell({ caps, admitted, asked, tookMs, spans });
      const report = { caps, admitted, ...exceeded(caps, spans), ...(await overspent(caps)) };
      expect(admitted).toBeGreaterThan(20);
      expect(new Set(spans.map(({ holder }) => holder)).size).toBe(admitted);
      expect(report).toMatchObject({ exceeded: [], overspent: [] });
      const { rows } = await sql`SELECT target FROM leases`.execute(db);
      expect(rows).toEqual([]);
    }),
    { numRuns: drawsMax, endOnFailure: true },
  );
}, 600_000);

/** Chance decides which crowd meets itself; on a machine that does something else it may be a later one. */
const roundsMax = 10;

test('without the locks the same crowd exceeds them, so the test can tell', async () => {
  await sql`TRUNCATE lease_history, admissions`.execute(db);
  await sql`CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS ''`.execute(
    db,
  );
  await sql`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database()); END $$`.execute(
    db,
  );
  const caps = { ...loose, fleetTargets: 3 };
  const crowded = { rules: rulesOf(caps), fleet: fleetOf(caps), atOnce: 25, connections: 8 };
  const found: unknown[] = [];
  for (let round = 0; round < roundsMax && found.length === 0; round += 1) {
    const wishes = wishesOf(round, 300);
    await crowd.loose({ url: database.url, policy, wishes, attemptsMax: 4, ...crowded }, 4);
    found.push(...exceeded(caps, await spansOf(db)).exceeded);
  }
  expect(found).not.toEqual([]);
}, 300_000);

/** Nothing of it is in the way of this crowd. */
const loose: Caps = {
  serviceTargets: 100,
  serviceRuns: 100,
  zoneTargets: 100,
  fleetTargets: 100,
  fleetRuns: 100,
  zonesAtOnce: 3,
  unhealthyMax: 19,
  recoveries: 1000,
  risk: 10_000,
  rate: 10_000,
  rateWithinMs: 1000,
};

interface Told {
  readonly caps: Caps;
  readonly admitted: number;
  readonly asked: number;
  readonly tookMs: number;
  readonly spans: readonly LeaseSpan[];
}

/** What a draw came to, for whoever wants the figure. */
function tell({ caps, admitted, asked, tookMs, spans }: Told): void {
  const targets = mostAtOnce(spans, ({ target }) => target);
  const runs = mostAtOnce(spans, ({ holder }) => holder);
  process.stdout.write(
    `1,000 runs in 4 processes asked ${asked} times, ${Math.round((asked * 1000) / tookMs)} a second; ${admitted} were let in; ` +
      `at once at most ${targets} of ${caps.fleetTargets} targets and ${runs} of ${caps.fleetRuns} runs\n`,
  );
}

function exceeded(caps: Caps, spans: readonly LeaseSpan[]): { exceeded: string[] } {
  const found: string[] = [];
  const hold = (name: string, most: number, max: number): void => {
    if (most > max) found.push(`${name}: ${most} of ${max}`);
  };
  const target = ({ target: one }: LeaseSpan): string => one;
  const holder = ({ holder: one }: LeaseSpan): string => one;
  for (const service of services) {
    const own = spans.filter((span) => span.service === service);
    const most = mostAtOnce(own, target);
    hold(`targets of ${service}`, most, Math.min(caps.serviceTargets, caps.unhealthyMax));
    hold(`runs of ${service}`, mostAtOnce(own, holder), caps.serviceRuns);
  }
  for (const zone of zones) {
    const own = spans.filter((span) => span.zone === zone);
    hold(`targets of zone ${zone}`, mostAtOnce(own, target), caps.zoneTargets);
  }
  hold('targets of the fleet', mostAtOnce(spans, target), caps.fleetTargets);
  hold('runs of the fleet', mostAtOnce(spans, holder), caps.fleetRuns);
  hold(
    'zones',
    mostAtOnce(spans, ({ zone }) => zone ?? ''),
    caps.zonesAtOnce,
  );
  return { exceeded: found };
}

/** What is counted over a while: every window that ends with an admission. */
async function overspent(caps: Caps): Promise<{ overspent: string[] }> {
  const { rows } = await sql<{ what: string; most: number }>`
    SELECT 'recoveries of ' || service AS what, count(DISTINCT run) AS most FROM admissions GROUP BY service
    UNION ALL SELECT 'risk', sum(risk) FROM admissions
    UNION ALL SELECT 'rate', max(most) FROM (
      SELECT count(*) OVER (ORDER BY at RANGE BETWEEN ${caps.rateWithinMs - 1} * interval '1 millisecond' PRECEDING
        AND CURRENT ROW) AS most FROM admissions) AS windows`.execute(db);
  const maxOf = (what: string): number => {
    if (what === 'risk') return caps.risk;
    return what === 'rate' ? caps.rate : caps.recoveries;
  };
  return {
    overspent: rows
      .filter(({ what, most }) => Number(most) > maxOf(what))
      .map(({ what, most }) => `${what}: ${most} of ${maxOf(what)}`),
  };
}
