/**
 * One runbook's drill: a sandbox of real servers, the fault, its repair, taking it back, and nobody answering. One JSON line on
 * standard output, the story on standard error. It records nothing: that is `belay drill`'s, who may know the real ledger.
 */
import { resolve } from 'node:path';
import type { Drill, PartResult } from '../activities/store/trust/drills.js';
import type { DrillPlan } from '../workflows/domain/drill.js';
import { startGround, type Ground } from './demo/ground.js';
import { Stage } from './demo/stage.js';
import { createTeller } from './demo/teller.js';
import { drills } from './drill/drills.js';
import { escalates, repairs, rungs, takesBack, tried } from './drill/parts.js';
import { leave } from './engine/leave.js';

const teller = createTeller(process.stderr);

async function main(): Promise<void> {
  const plan = drills.get(process.argv[2] ?? '');
  if (plan === undefined)
    throw new Error(`no drill is declared for ${process.argv[2] ?? 'nothing'}`);
  const folder = resolve(process.env['BELAY_STATE_FOLDER'] ?? '.belay', 'drill');
  const startedAtMs = Date.now();
  teller.title(`Drill of ${plan.runbook}: a sandbox of real servers`);
  const ground = await startGround(folder, (line) => teller.say(line));
  try {
    const parts = await played(ground, plan);
    const classes = await classesOf(ground, parts);
    const tookMs = Date.now() - startedAtMs;
    const drill: Omit<Drill, 'by'> = { runbook: plan.runbook, classes, parts, tookMs };
    process.stdout.write(`${JSON.stringify(drill)}\n`);
  } finally {
    await ground.stop();
  }
}

async function played(ground: Ground, plan: DrillPlan): Promise<PartResult[]> {
  const first = await newStage(ground);
  teller.title(`1. the fault: ${plan.fault}`);
  const fault = await tried('fault', { stage: first, plan }, repairs);
  teller.title('2. taken back');
  const undo = await tried('undo', { stage: first, plan }, takesBack);
  ground.chain(rungs, 3);
  const second = await newStage(ground);
  teller.title('3. nobody answers');
  const escalation = await tried('escalation', { stage: second, plan }, escalates);
  return [fault, undo, escalation];
}

async function newStage(ground: Ground): Promise<Stage> {
  await ground.levers.freshShop();
  const last = ground.db.selectFrom('ledger').select('seq').orderBy('seq', 'desc').limit(1);
  const stage = new Stage(ground, teller, (await last.executeTakeFirst())?.seq ?? 0);
  await stage.calm();
  return stage;
}

/** Of every step that was begun. */
async function classesOf({ db }: Ground, parts: readonly PartResult[]): Promise<string[]> {
  const runs = parts.map(({ run }) => run).filter((run) => run !== '');
  if (runs.length === 0) return [];
  const rows = await db
    .selectFrom('ledger')
    .select('action_class')
    .distinct()
    .where('run', 'in', runs)
    .where('kind', '=', 'intent')
    .execute();
  return rows.flatMap(({ action_class }) => action_class ?? []).toSorted();
}

const failed = await main().then(
  () => false,
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return true;
  },
);
await leave(failed ? 1 : 0);
