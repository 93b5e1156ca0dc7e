/**
 * The three parts of a drill, each on real servers: the fault and its repair, taking it back, and nobody answering. Each says what
 * was seen; what is not as it must be is thrown.
 */
import { createHash } from 'node:crypto';
import { ledgerOf } from '../../activities/store/read.js';
import type { LedgerRow } from '../../activities/store/schema.js';
import type { DrillPart, PartResult } from '../../activities/store/trust/drills.js';
import type { DrillPlan } from '../../workflows/domain/drill.js';
import { answerByCli, planOf } from '../demo/answer.js';
import type { Ground } from '../demo/ground.js';
import type { Stage } from '../demo/stage.js';

const alertWithinMs = 60_000;
const outcomeWithinMs = 120_000;
const failingForMs = 2_000;

/** What the run in the sandbox came to; `seen` is the sentence for the record. */
interface Seen {
  readonly run: string;
  readonly seen: string;
}

interface Trying {
  readonly stage: Stage;
  readonly plan: DrillPlan;
}

/** The part's result, whatever happens in it. */
export async function tried(
  part: DrillPart,
  trying: Trying,
  play: (trying: Trying) => Promise<Seen>,
): Promise<PartResult> {
  const { db } = trying.stage.ground;
  try {
    const { run, seen } = await play(trying);
    const lines = await ledgerOf(db, run);
    return { part, passed: true, seen, run, ledgerSha256: digestOf(lines) };
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    const run = trying.stage.lines.at(-1)?.run ?? '';
    return { part, passed: false, seen, run, ledgerSha256: '' };
  }
}

function digestOf(lines: readonly LedgerRow[]): string {
  return createHash('sha256')
    .update(lines.map(({ id }) => `${id}\n`).join(''))
    .digest('hex');
}

/** The fault is made, the alert comes, a person says yes where one is asked, and the service is well. */
export async function repairs({ stage, plan }: Trying): Promise<Seen> {
  await inject(stage.ground, plan);
  const opened = await stage.until('opened', alertWithinMs);
  const next = await stage.first(['escalation', 'intent', 'outcome'], alertWithinMs);
  if (next.kind === 'escalation') {
    await answerByCli(stage, { kind: 'approve', run: next.run, plan: planOf(next.says) });
  }
  const end = await stage.until('outcome', outcomeWithinMs);
  must(end.outcome === 'resolved', `the repair came to ${end.outcome ?? 'nothing'}: ${end.says}`);
  must(opened.says.includes(plan.runbook), `another runbook took the alert: ${opened.says}`);
  return { run: end.run, seen: end.says };
}

/** A person takes it back; the world is as before it, or the ledger says that it stands and why. */
export async function takesBack({ stage, plan }: Trying): Promise<Seen> {
  const run = stage.lines.at(-1)?.run ?? '';
  must(run !== '', 'there is no repair to take back');
  const images = before(await ledgerOf(stage.ground.db, run));
  await answerByCli(stage, { kind: 'undo', run });
  await stage.until('closed', outcomeWithinMs);
  const lines = await ledgerOf(stage.ground.db, run);
  const end = lines.findLast(({ kind }) => kind === 'outcome');
  if (plan.undo === 'stands') {
    const stands = end?.outcome === 'unresolved' && end.says.includes(' stands: ');
    must(stands, `it should stand and say why: ${end?.says ?? 'no outcome'}`);
    return { run, seen: end?.says ?? '' };
  }
  must(end?.outcome === 'undone', `it should be undone: ${end?.says ?? 'no outcome'}`);
  const undone = lines.filter(({ kind }) => kind === 'undo').map(({ after_state }) => after_state);
  must(images.length > 0 && images.every((image) => image !== null), 'no before-image was kept');
  must(
    JSON.stringify(undone.toReversed()) === JSON.stringify(images),
    'what was taken back is not as it was before',
  );
  return { run, seen: `${end?.says ?? ''}; every before-image was seen again` };
}

function before(lines: readonly LedgerRow[]): unknown[] {
  const effects = lines.filter(({ kind }) => kind === 'effect');
  return effects.map(({ before_state }) => before_state);
}

/** Two people are asked in turn, nobody answers, nothing is done. */
export async function escalates({ stage, plan }: Trying): Promise<Seen> {
  await inject(stage.ground, plan);
  await stage.until('opened', alertWithinMs);
  const end = await stage.until('outcome', outcomeWithinMs);
  const asked = stage.lines.filter(({ kind }) => kind === 'escalation').map(({ says }) => says);
  must(end.outcome === 'withheld', `without an answer it came to ${end.outcome ?? 'nothing'}`);
  must(!stage.lines.some(({ kind }) => kind === 'intent'), 'something was begun without an answer');
  for (const rung of rungs)
    must(
      asked.some((says) => says.startsWith(rung.notify)),
      `${rung.notify} was not asked`,
    );
  const paged = (await stage.told()).filter(({ urgency }) => urgency === 'page');
  for (const rung of rungs)
    must(
      paged.some(({ to }) => to === rung.notify),
      `no page for ${rung.notify}`,
    );
  return {
    run: end.run,
    seen: `${rungs.map(({ notify }) => notify).join(', then ')} asked; ${end.says}`,
  };
}

/** Short: a drill waits them out. */
export const rungs = [
  { notify: 'on-call', wait: '3s' },
  { notify: 'team-lead', wait: '3s' },
] as const;

async function inject({ levers }: Ground, { fault }: DrillPlan): Promise<void> {
  if (fault === 'process-killed') return levers.kill();
  await levers.payments('failing');
  setTimeout(() => void levers.payments('working'), failingForMs);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
