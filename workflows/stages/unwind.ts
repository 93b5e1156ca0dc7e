/** All undos, backwards, to the end, each verified. Nothing interrupts it; what cannot be taken back is said, never hidden. */
import { Failure, messageOf } from '../domain/failure.js';
import { same } from '../domain/json.js';
import type { Outcome } from '../domain/outcome.js';
import { operationIdOf, standing, type Begun, type Ending, type Progress } from '../progress.js';
import { show } from '../view.js';

/**
 * Takes back what the run did and names the outcome: `withheld` when nothing was done, `undone` when all of it was taken
 * back, `unresolved` when something stands by its nature or by a person's word, `stuck` when an undo failed for good.
 */
export async function unwind(progress: Progress, end: Ending): Promise<Outcome> {
  const { reason, why } = end;
  const toUndo = standing(progress);
  if (toUndo.length === 0) return { kind: nothingDone(progress, end), reason, why };
  if (keeps(progress, end)) return { kind: 'unresolved', reason, why };
  show(progress, 'unwinding');
  const broken = new Set<string>();
  for (const begun of toUndo.reverse()) {
    if (begun.step.irreversible !== null || broken.has(begun.step.target)) continue;
    const problem = await takeBack(progress, begun);
    if (problem === undefined) begun.undone = true;
    else broken.add(begun.step.target);
  }
  if (broken.size > 0) {
    const targets = [...broken].join(', ');
    return {
      kind: 'stuck',
      reason: 'undo-failed',
      why: `${targets} could not be taken back; ${why}`,
    };
  }
  return standing(progress).length === 0
    ? { kind: 'undone', reason, why }
    : { kind: 'unresolved', reason, why: `${why}; ${irreversibleOnes(progress)}` };
}

function nothingDone(progress: Progress, { reason }: Ending): Outcome['kind'] {
  if (reason === 'advise-only') return 'advised';
  return progress.begun.some((begun) => begun.undone) ? 'undone' : 'withheld';
}

/** What half a repair may have healed is not taken back behind it; what a person took over is theirs. */
function keeps(progress: Progress, { reason }: Ending): boolean {
  if (reason === 'taken-over' || reason === 'resolved-meanwhile') return true;
  return reason === 'not-confirmed' && progress.runbook.meta.whenNotWell === 'keep';
}

function irreversibleOnes(progress: Progress): string {
  const ones = standing(progress).map(
    ({ step }) => `${step.name} stands: ${step.irreversible ?? ''}`,
  );
  return ones.join('; ');
}

/** Undefined once the world was seen to be as before; otherwise why not. */
async function takeBack(progress: Progress, begun: Begun): Promise<string | undefined> {
  const { runtime, ledger } = progress;
  const { step } = begun;
  const startedMs = runtime.now();
  const operationId = `${operationIdOf(progress, step.name)}/undo`;
  ledger.note({
    kind: 'intent',
    says: `about to take back: ${step.says}`,
    step: step.name,
    actionClass: step.actionClass,
    expected: step.before,
    detail: { operation: operationId, target: step.target },
  });
  await ledger.commit();
  const problem = await undo(progress, begun, operationId);
  ledger.note({
    kind: 'undo',
    says:
      problem === undefined
        ? `taken back: ${step.says}`
        : `not taken back: ${step.says}: ${problem}`,
    step: step.name,
    actionClass: step.actionClass,
    expected: step.before,
    ...(problem === undefined ? { after: step.before, actual: step.before } : { actual: problem }),
    durationMs: runtime.now() - startedMs,
    detail: { operation: operationId },
  });
  return problem;
}

/** The adapter's word is not enough: only a world that looks as before counts as taken back. */
async function undo(
  progress: Progress,
  { step, action, applied }: Begun,
  operationId: string,
): Promise<string | undefined> {
  const { input, before, expected } = step;
  const effected = await progress.runtime.act({
    call: action.undo,
    input: {
      operationId: operationIdOf(progress, step.name),
      input,
      before,
      expected,
      applied: applied === 'yes' ? 'yes' : 'unknown',
    },
    operationId,
    says: `take back: ${step.says}`,
  });
  if (effected.kind === 'refused' || effected.kind === 'failed') return effected.why;
  try {
    const now = await progress.runtime.ask(
      action.look,
      input,
      `look: is it as before? ${step.says}`,
    );
    if (same(now, before)) return undefined;
    return effected.kind === 'unknown' ? effected.why : 'it does not look as it did before';
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return `it could not be looked at: ${messageOf(thrown)}`;
  }
}
