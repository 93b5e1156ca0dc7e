/**
 * How fast a stop holds: with a thousand runs in flight on a real server, from the moment it is said until the last effect that
 * still began; and with a thousand effects under way at once, until the last change any of them still made.
 */
import { join } from 'node:path';
import { resume } from '../../../activities/store/resume.js';
import { stop } from '../../../activities/store/switches.js';
import type { Db } from '../../../activities/store/db.js';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { projectFolder } from '../../engine/project-folder.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { beginLongEffects } from '../rig/long-effects.js';
import { allEnded } from '../rig/runs.js';
import { takeEffects } from '../rig/side-door.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';
import { until } from '../rig/until.js';

const stopMsMax = 1_000;
const everything = 'everything';
const turning = { by: 'bench', why: 'measuring how fast it holds' };
/** Long after the last effect could begin. */
const listenMs = 3_000;
const workersOfRuns = 2;
/** More on one connection, on a machine that does other things too, and the server drops it. */
const startsAtOnce = 300;

export async function measureSwitch(ground: Ground, size: Size): Promise<Figure[]> {
  return [...(await newEffects(ground, size)), ...(await changesUnderWay(ground, size))];
}

interface Round {
  readonly lastMs: number;
  readonly inFlight: number;
  readonly beforeStop: number;
}

async function newEffects(ground: Ground, size: Size): Promise<Figure[]> {
  const db = await ground.db();
  const workers: Bare[] = [];
  for (let number = 1; number <= workersOfRuns; number += 1) {
    workers.push(
      await ground.worker({
        name: `switch-${number}`,
        bundleFile: join(projectFolder(), 'dist/workflow-bundle.js'),
        env: { BELAY_BENCH_WORLD: 'forgetful' },
      }),
    );
  }
  const rounds: Round[] = [];
  for (let round = 1; round <= size.stopRounds; round += 1) {
    ground.log(`stop ${round} of ${size.stopRounds}: ${size.stopRuns} runs`);
    const seen = await stopRuns(ground, { db, workers, count: size.stopRuns });
    ground.log(
      `${seen.inFlight} in flight; the last effect began ${Math.round(seen.lastMs)} ms after`,
    );
    rounds.push(seen);
  }
  for (const { worker } of workers) await worker.stop();
  const lasts = rounds.map(({ lastMs }) => lastMs);
  ground.keep({ what: 'stop-to-last-new-effect', perSecond: null, round: 1, ms: lasts });
  const inFlight = Math.min(...rounds.map((round) => round.inFlight));
  const begun = Math.min(...rounds.map(({ beforeStop }) => beforeStop));
  const note =
    `${rounds.length} stops, at least ${inFlight} runs in flight at each and ${begun} effects begun ` +
    'before it; 0 where none began after';
  const worst = { value: percentile(lasts, 0.99), unit: 'ms' as const, atMost: stopMsMax, note };
  return [
    figureOf({ name: 'stop-to-last-new-effect-p50', value: percentile(lasts, 0.5), unit: 'ms' }),
    figureOf({ name: 'stop-to-last-new-effect-p99', ...worst }),
  ];
}

async function stopRuns(
  ground: Ground,
  { db, workers, count }: { readonly db: Db; readonly workers: readonly Bare[]; count: number },
): Promise<Round> {
  const fired = Array.from({ length: count }, () => ground.alerts.next('heals'));
  const runs = fired.map(({ run }) => run);
  const client = workers[0]?.client;
  if (client === undefined) throw new Error('there is no worker to start runs on');
  await takeAll(workers);
  for (let from = 0; from < count; from += startsAtOnce) {
    await Promise.all(
      fired.slice(from, from + startsAtOnce).map(({ alert, run }) => {
        const args = [{ alert, trigger: 'alert' }];
        const options = { workflowId: run, taskQueue: runsTaskQueue, args };
        return client.workflow.start('restartService', options);
      }),
    );
  }
  const begun: number[] = [];
  const some = Math.ceil(count / 20);
  await until({ what: `${some} effects to begin`, withinMs: 60_000 }, async () => {
    begun.push(...(await takeAll(workers)));
    return begun.length >= some ? true : undefined;
  });
  const inFlight = count - (await endedOf(db, runs));
  const saidMs = clockMs();
  await stop(db, everything, turning);
  await new Promise((resolve) => setTimeout(resolve, listenMs));
  begun.push(...(await takeAll(workers)));
  const late = begun.filter((atMs) => atMs > saidMs);
  const beforeStop = begun.length - late.length;
  const lastMs = Math.max(saidMs, ...late) - saidMs;
  await allEnded(db, runs);
  begun.push(...(await takeAll(workers)));
  if (begun.some((atMs) => atMs > saidMs + listenMs))
    throw new Error('an effect began while stopped');
  await resume(db, everything, turning);
  return { lastMs, inFlight, beforeStop };
}

async function takeAll(workers: readonly Bare[]): Promise<number[]> {
  const taken = await Promise.all(workers.map(({ worker }) => takeEffects(worker.doorUrl)));
  return taken.flat().map(([, atMs]) => atMs);
}

async function endedOf(db: Db, runs: readonly string[]): Promise<number> {
  const { count } = await db
    .selectFrom('runs')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('run', 'in', runs)
    .where('outcome', 'is not', null)
    .executeTakeFirstOrThrow();
  return count;
}

async function changesUnderWay(ground: Ground, size: Size): Promise<Figure[]> {
  const db = await ground.db();
  const { href: url } = await ground.ownDatabase();
  const stopFile = join(ground.folder, 'no-stop-file');
  const afterMs: number[] = [];
  for (let round = 1; round <= size.stopEffectRounds; round += 1) {
    const count = size.stopEffects;
    ground.log(`stop ${round} of ${size.stopEffectRounds}: ${count} effects under way`);
    const effects = await beginLongEffects({ url, stopFile, count, round });
    await until({ what: `${count} effects to be under way`, withinMs: 60_000 }, () => {
      return Promise.resolve(effects.underWay() === count ? true : undefined);
    });
    const saidMs = clockMs();
    await stop(db, everything, turning);
    const lasts = await effects.lastChangesMs;
    afterMs.push(...lasts.map((atMs) => Math.max(0, atMs - saidMs)));
    await effects.close();
    await resume(db, everything, turning);
  }
  ground.keep({ what: 'stop-to-last-change', perSecond: null, round: 1, ms: afterMs });
  const note =
    `${size.stopEffects} effects under way in one process, ${size.stopEffectRounds} stops; ` +
    'each changes something 20 times a second';
  return [
    figureOf({ name: 'stop-to-last-change-p50', value: percentile(afterMs, 0.5), unit: 'ms' }),
    figureOf({
      name: 'stop-to-last-change-p99',
      value: percentile(afterMs, 0.99),
      unit: 'ms',
      atMost: stopMsMax,
      note,
    }),
  ];
}
