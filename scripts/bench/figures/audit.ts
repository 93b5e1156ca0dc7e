/**
 * What the proof costs: records a second on a ledger that nobody seals, and with the notary sealing it meanwhile, in turns;
 * then how many lines a second are verified.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { withEvidence } from '../../../activities/audit/database-evidence.js';
import { fileDestination } from '../../../activities/audit/destinations/file.js';
import { examine } from '../../../activities/audit/examine.js';
import { parseVerifierKey } from '../../../activities/audit/note.js';
import { createPolicy } from '../../../activities/policy/source.js';
import { noGuards } from '../../../activities/guards/source.js';
import { openDb, type Db } from '../../../activities/store/db.js';
import { migrate } from '../../../activities/store/migrate.js';
import { createStore } from '../../../activities/store/store.js';
import { minutes } from '../../../workflows/domain/time.js';
import { BelayProcess } from '../../engine/belay-process.js';
import { notaryKey, publicKeyIn } from '../../engine/notary-key.js';
import { freePort } from '../../servers/port.js';
import { policyFileIn } from '../rig/alerts.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { fillTo } from '../rig/ledger-filling.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';
import { until } from '../rig/until.js';
import { append, type Writing } from './ledger.js';

/** A run's worth of warming up. */
const warmUpRecords = 200;
const roundsMin = 3;
const verifiedEntries = 200_000;

interface Place {
  readonly name: string;
  readonly url: string;
  readonly writing: Writing;
}

export async function measureAudit(ground: Ground, size: Size): Promise<Figure[]> {
  const inMonths = await placeOf(ground, 'audit_months');
  const sealed = await placeOf(ground, 'audit_sealed');
  const notary = await startNotary(ground, sealed);
  const perSecond = new Map<string, number[]>();
  for (let round = 0; round < Math.max(roundsMin, size.rounds); round += 1) {
    for (const { name, writing } of [inMonths, sealed]) {
      const value = await append(writing, size.ledgerRecords * 2);
      perSecond.set(name, [...(perSecond.get(name) ?? []), value]);
    }
  }
  const middle = (place: Place): number => percentile(perSecond.get(place.name) ?? [], 0.5);
  return [
    figureOf({ name: 'append-unsealed', value: middle(inMonths), unit: 'entries/s' }),
    figureOf({
      name: 'append-while-sealed',
      value: middle(sealed),
      unit: 'entries/s',
      atLeast: 2_000,
    }),
    ...(await verifying(ground, { place: sealed, notary, size })),
  ];
}

async function placeOf(ground: Ground, name: string): Promise<Place> {
  const { href: url } = await ground.database(`bench_${name}`);
  const db = openDb({ url, poolMax: 20, name: `belay-bench-${name}` });
  ground.stopLater(() => db.destroy());
  await migrate(db);
  const policy = createPolicy({ path: policyFileIn(ground.folder) });
  const store = createStore({ db, policy, guards: noGuards, digestOf: () => '0'.repeat(64) });
  const writing = { alerts: ground.alerts, db, store };
  await append(writing, warmUpRecords);
  return { name, url, writing };
}

interface RunningNotary {
  readonly url: string;
  readonly outside: string;
  readonly folder: string;
}

async function startNotary(ground: Ground, { url }: Place): Promise<RunningNotary> {
  const folder = join(ground.folder, 'notary');
  const outside = join(folder, 'outside');
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const notary = new BelayProcess({
    name: 'notary',
    env: {
      DATABASE_URL: url,
      BELAY_NOTARY_KEY_FILE: notaryKey(folder),
      BELAY_NOTARY_DESTINATIONS: `file:${outside}`,
      BELAY_NOTARY_PORT: String(port),
      BELAY_NOTARY_HISTORIES: 'no',
    },
    logFile: join(folder, 'notary.log'),
    readyUrls: [`${address}/readyz`],
    whenItDies: 'leave',
    log: ground.log,
  });
  ground.stopLater(() => notary.stop());
  await notary.start();
  return { url: address, outside, folder };
}

interface Verifying {
  readonly place: Place;
  readonly notary: RunningNotary;
  readonly size: Size;
}

/** Over a ledger that the notary sealed to its end. */
async function verifying(ground: Ground, { place, notary, size }: Verifying): Promise<Figure[]> {
  const { db } = place.writing;
  const { url } = place;
  const entries = size.name === 'quick' ? verifiedEntries / 10 : verifiedEntries;
  const { run } = await db.selectFrom('runs').select('run').limit(1).executeTakeFirstOrThrow();
  const startedMs = clockMs();
  await fillTo(db, { template: run, entries });
  await until({ what: 'every line is sealed', withinMs: minutes(5) }, () => sealedAll(db));
  const sealedPerSecond = (entries * 1000) / (clockMs() - startedMs);
  const key = parseVerifierKey(publicKeyIn(notary.folder) ?? '');
  const looking = { url, key, outside: [fileDestination(notary.outside)], outsideMax: 1_000 };
  const rates: number[] = [];
  for (let round = 0; round < roundsMin; round += 1) {
    const beganMs = clockMs();
    const seen = await withEvidence(db, looking, examine);
    if (seen.flawCount > 0) throw new Error(`the bench's ledger has flaws: ${seen.flaws[0]?.says}`);
    rates.push((seen.lines * 1000) / (clockMs() - beganMs));
  }
  ground.log(`verified ${entries} lines`);
  return [
    figureOf({ name: 'filled-and-sealed', value: sealedPerSecond, unit: 'entries/s' }),
    figureOf({
      name: 'verified',
      value: percentile(rates, 0.5),
      unit: 'entries/s',
      atLeast: 100_000,
    }),
  ];
}

/** True once no line waits, else undefined. Looks at the numbers only: asking for each line would slow the notary. */
async function sealedAll(db: Db): Promise<true | undefined> {
  await sleep(200);
  const { rows } = await sql<{ done: boolean }>`
    SELECT (SELECT max(seq) FROM ledger) = (SELECT max(seq) FROM ledger_leaves)
      AND NOT EXISTS (SELECT FROM ledger WHERE seq > (SELECT settled_seq FROM ledger_notary) AND NOT EXISTS (
        SELECT FROM ledger_leaves WHERE ledger_leaves.seq = ledger.seq)) AS done`.execute(db);
  return rows[0]?.done === true ? true : undefined;
}
