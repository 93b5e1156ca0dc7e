/**
 * What the ledger's growth costs: records a second through the store's own call, and the questions that `belay runs`, `belay show`
 * and `belay watch` ask. It grows by copies of one run's lines between the points at which it is measured.
 */
import { sql } from 'kysely';
import { openDb, type Db } from '../../../activities/store/db.js';
import { migrate } from '../../../activities/store/migrate.js';
import { noGuards } from '../../../activities/guards/source.js';
import { createPolicy } from '../../../activities/policy/source.js';
import {
  getRun,
  ledgerAfter,
  ledgerOf,
  listNotices,
  listRuns,
  runsBeginning,
} from '../../../activities/store/read.js';
import { createStore, type Store } from '../../../activities/store/store.js';
import { policyFileIn, type AlertSource, type Fired } from '../rig/alerts.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { fillTo, ledgerCount } from '../rig/ledger-filling.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';
import { linesOf, proposalOf } from '../workflows/by-hand-lines.js';

/** Runs that write at once, as in a storm. */
const writersAtOnce = 100;
const recordsPerRun = 4;
/** Few enough to stay below the smallest ledger that is measured. */
const warmUpRecords = 200;

interface Point {
  readonly entries: number;
  readonly perSecond: number;
  /** Half of the answers were there within that, by question. */
  readonly questionsMs: Readonly<Record<string, number>>;
}

export async function measureLedger(ground: Ground, size: Size): Promise<Figure[]> {
  const db = await openOwn(ground);
  const policy = createPolicy({ path: policyFileIn(ground.folder) });
  const store = createStore({ db, policy, guards: noGuards, digestOf: () => '0'.repeat(64) });
  const template = await writeRun(store, ground.alerts.next('heals'));
  const writing: Writing = { alerts: ground.alerts, db, store };
  await append(writing, warmUpRecords);
  const points: Point[] = [];
  for (const entries of size.ledgerEntries) {
    ground.log(`growing the ledger to ${entries} lines`);
    await fillTo(db, { template, entries });
    await sql`CHECKPOINT`.execute(db); // what the filling left is not to be paid by the measuring
    const perSecond = await append(writing, Math.min(size.ledgerRecords, entries / recordsPerRun));
    points.push({ entries, perSecond, questionsMs: await askAll(ground, db, size) });
  }
  return [...points.flatMap(figuresAt), ...growth(points)];
}

/** Not the one of the other families, whose lines would be in the way of small numbers. */
async function openOwn(ground: Ground): Promise<Db> {
  const { href: url } = await ground.database('bench_ledger');
  const db = openDb({ url, poolMax: 20, name: 'belay-bench-ledger' });
  ground.stopLater(() => db.destroy());
  await migrate(db);
  return db;
}

function figuresAt({ entries, perSecond, questionsMs }: Point): Figure[] {
  return [
    figureOf({ name: `ledger-append-at-${entries}`, value: perSecond, unit: 'entries/s' }),
    ...Object.entries(questionsMs).map(([question, value]) => {
      return figureOf({ name: `${question}-p50-at-${entries}-entries`, value, unit: 'ms' });
    }),
  ];
}

function growth(points: readonly Point[]): Figure[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const span = `${last.entries}-over-${first.entries}`;
  return [
    figureOf({
      name: `ledger-append-${span}`,
      value: last.perSecond / first.perSecond,
      unit: 'x',
      better: 'higher',
    }),
    ...Object.entries(last.questionsMs).map(([question, ms]) => {
      const value = ms / (first.questionsMs[question] ?? Number.NaN);
      return figureOf({ name: `${question}-${span}`, value, unit: 'x', better: 'lower' });
    }),
  ];
}

export interface Writing {
  readonly alerts: AlertSource;
  readonly db: Db;
  readonly store: Store;
}

/** Ledger lines a second, of runs that write their records each one after another, many runs at once. */
export async function append({ alerts, db, store }: Writing, records: number): Promise<number> {
  const runs = Math.ceil(records / recordsPerRun);
  const left = Array.from({ length: runs }, () => alerts.next('heals'));
  const before = await ledgerCount(db);
  const startedMs = clockMs();
  const writer = async (): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await writeRun(store, one);
  };
  await Promise.all(Array.from({ length: writersAtOnce }, writer));
  const tookMs = clockMs() - startedMs;
  return (((await ledgerCount(db)) - before) * 1000) / tookMs;
}

/** The same lines as a run of restart-service by hand, all of them through the record call. */
async function writeRun(store: Store, { alert, run }: Fired): Promise<string> {
  const ref = { run, runbook: 'restart-service', alert, trigger: 'alert' };
  const lines = linesOf(run, alert, proposalOf(stepOf(alert.service)));
  const none: never[] = [];
  await store.record({ ...ref, entries: lines.proposed(), notices: none });
  await store.record({ ...ref, entries: lines.decided(), notices: none });
  await store.record({ ...ref, entries: lines.intent(), notices: lines.begins() });
  const after = { state: 'RUNNING', pid: 1 };
  const entries = [...lines.effect(after), ...lines.ended()];
  await store.record({ ...ref, entries, notices: lines.tells() });
  return run;
}

function stepOf(service: string) {
  const input = { host: 'sink', process: service };
  return {
    name: 'restart',
    action: 'supervisor.restart',
    actionClass: 'restart',
    target: `process:sink/${service}`,
    says: `restart ${service} on sink`,
    input,
    before: { state: 'EXITED', pid: 0 },
    expected: { state: 'RUNNING', pid: 'new' },
    irreversible: 'the process that ran before is gone; starting it again is all that can be done',
    bounds: {},
  };
}

async function askAll(ground: Ground, db: Db, { ledgerAsked }: Size) {
  const newest = await listRuns(db, { limit: ledgerAsked });
  const runs = newest.map(({ run }) => run);
  const last = await ledgerCount(db);
  const questions: Readonly<Record<string, (run: string) => Promise<unknown>>> = {
    'runs-list': () => listRuns(db),
    'runs-waiting': () => listRuns(db, { waiting: true }),
    'runs-of-service': () => listRuns(db, { service: 'heals-7' }),
    'show-find': (run) => runsBeginning(db, run),
    'show-run': (run) => getRun(db, run),
    'show-ledger': (run) => ledgerOf(db, run),
    'notices-of-run': (run) => listNotices(db, { run }),
    'watch-tail': () => ledgerAfter(db, last - 20),
  };
  const found: Record<string, number> = {};
  for (const [name, ask] of Object.entries(questions)) {
    const ms: number[] = [];
    for (const run of runs) ms.push(await timed(() => ask(run)));
    ground.keep({ what: `${name}-at-${last}-entries`, perSecond: null, round: 1, ms });
    found[name] = percentile(ms, 0.5);
  }
  return found;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedMs = clockMs();
  await work();
  return clockMs() - startedMs;
}
