/** The hour after: a repair that came back is no success, and one that is unwanted can still be taken back. Acts on nothing. */
import { heed, listen } from '../attention.js';
import { limits } from '../domain/limits.js';
import { planHashOf, type Proposal } from '../domain/plan.js';
import { notPassed } from '../gates/index.js';
import { askOnce } from '../judging.js';
import type { Message } from '../messages.js';
import { ended, standing, type Ending, type Progress } from '../progress.js';
import { admit } from '../store.js';
import { show } from '../view.js';

/** Undefined when the window closed; an ending when a person asked for the repair to be taken back. */
export async function watch(progress: Progress): Promise<Ending | undefined> {
  const { runtime, runbook } = progress;
  show(progress, 'watching', { kind: 'resolved', reason: null, why: 'the service is well' });
  const windowMs = Math.min(runbook.meta.undoWindowMs ?? limits.undoWindowMs, limits.undoWindowMs);
  const untilMs = runtime.now() + windowMs;
  for (;;) {
    const message = await listen(progress, {
      accept: ['undo', 'halt', 'refired'],
      untilMs,
      says: 'watch whether the repair holds',
    });
    if (message === undefined) return undefined;
    heed(progress, message);
    const end =
      message.kind === 'refired' ? noteRecurred(progress) : await takenBack(progress, message);
    if (end !== undefined) return end;
  }
}

function noteRecurred(progress: Progress): undefined {
  progress.recurred = true;
}

/** The leases were given back, so the targets may be another run's by now: they are asked for again. */
async function takenBack(progress: Progress, { by }: Message): Promise<Ending | undefined> {
  const refused = await readmit(progress);
  if (refused === undefined) return ended('undo-requested', `${by} asked for it to be taken back`);
  const { ledger } = progress;
  ledger.note({ kind: 'decision', says: `undo refused: ${refused}`, detail: { gate: 'undo' } });
  await ledger.commit();
  return undefined;
}

/** Where nothing can be taken back nothing is asked for: a call that is made again must find what it found before. */
async function readmit(progress: Progress): Promise<string | undefined> {
  const proposal = undoing(progress);
  if (proposal.steps.length === 0) return undefined;
  const judgement = await askOnce(progress, {
    call: admit,
    proposal,
    maxAgeMs: Number.MAX_SAFE_INTEGER,
    resolved: false,
  });
  if (judgement.kind === 'ended') return judgement.why;
  const blocked = notPassed(judgement.gates)?.verdict;
  return blocked === undefined || blocked.kind === 'pass' ? undefined : blocked.why;
}

function undoing(progress: Progress): Proposal {
  const reversible = standing(progress).filter(({ step }) => step.irreversible === null);
  const steps = reversible.map(({ step }) => step);
  const plan = { runbook: progress.runbook.meta.name, steps, done: [], confirmations: [] };
  const because = ['a person asked for the repair to be taken back'];
  return { ...plan, round: 0, because, planHash: planHashOf(plan) };
}
