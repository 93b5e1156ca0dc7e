/** One step for real: arm, apply, verify, journal. Decides nothing about the run; says what came of the step. */
import type { AnyAction } from './actions/action.js';
import type { Json } from './domain/json.js';
import { limits } from './domain/limits.js';
import type { PlannedStep } from './domain/plan.js';
import { healthOf } from './health.js';
import { stepKey } from './journal.js';
import type { Note } from './ledger.js';
import { operationIdOf, type Begun, type Progress } from './progress.js';
import type { Effected } from './runtime.js';

/** `moved`: nothing was changed, and the world is not the one that was approved. `failed`: it may have been changed. */
export type StepEnd =
  | { readonly kind: 'done'; readonly after: Json }
  | { readonly kind: 'moved' | 'failed'; readonly why: string };

/** The line that stands in the ledger before the step may be performed. */
export function intentOf(progress: Progress, step: PlannedStep): Note {
  return {
    kind: 'intent',
    says: `about to ${step.says}`,
    step: step.name,
    actionClass: step.actionClass,
    before: step.before,
    expected: step.expected,
    detail: {
      operation: operationIdOf(progress, step.name),
      target: step.target,
      round: progress.proposal?.round ?? 0,
    },
  };
}

/** Called once its intent is durable. The adapter looks before it acts: a target that is not as it was approved it refuses. */
export async function performStep(
  progress: Progress,
  step: PlannedStep,
  action: AnyAction,
): Promise<StepEnd> {
  const begun: Begun = { step, action, applied: 'unknown', undone: false };
  progress.begun.push(begun);
  const startedMs = progress.runtime.now();
  const effected = await apply(progress, begun);
  const end = await settle(progress, begun, effected);
  noteEffect(progress, begun, { end, startedMs });
  if (end.kind === 'done') {
    progress.journal.done(stepKey(step.name), end.after, progress.runtime.now());
  }
  return end;
}

function apply(progress: Progress, { step, action }: Begun): Promise<Effected<Json>> {
  const operationId = operationIdOf(progress, step.name);
  const { input, before, expected } = step;
  return progress.runtime.act({
    call: action.apply,
    input: { operationId, input, before, expected },
    operationId,
    says: step.says,
  });
}

/** Turns what the adapter said into what is so; where it could not tell, the world is asked. */
async function settle(
  progress: Progress,
  begun: Begun,
  effected: Effected<Json>,
): Promise<StepEnd> {
  switch (effected.kind) {
    case 'refused':
      begun.applied = 'no';
      return { kind: 'moved', why: effected.why };
    case 'failed':
      begun.applied = 'no';
      return { kind: 'failed', why: effected.why };
    case 'applied':
      begun.applied = 'yes';
      return verified(progress, begun, effected.output);
    case 'unknown': {
      const seen = await verified(progress, begun, begun.step.expected);
      if (seen.kind !== 'done') return { kind: 'failed', why: effected.why };
      begun.applied = 'yes';
      return seen;
    }
  }
}

async function verified(
  progress: Progress,
  { step, action }: Begun,
  after: Json,
): Promise<StepEnd> {
  const { input, before, expected } = step;
  let seen = '';
  for (let attempt = 1; attempt <= limits.verifyAttemptsMax; attempt += 1) {
    if (attempt > 1)
      await progress.runtime.sleep(limits.verifyEveryMs, `verify again: ${step.says}`);
    const asked = { input, before, expected };
    const health = await healthOf(
      progress.runtime.ask(action.verify, asked, `verify: ${step.says}`),
    );
    if (health.well) return { kind: 'done', after };
    seen = health.seen;
  }
  return { kind: 'failed', why: `it was done but is not to be seen: ${seen}` };
}

function noteEffect(
  progress: Progress,
  { step, applied }: Begun,
  { end, startedMs }: { end: StepEnd; startedMs: number },
): void {
  progress.ledger.note({
    kind: 'effect',
    says: end.kind === 'done' ? `done: ${step.says}` : `not done: ${step.says}: ${end.why}`,
    step: step.name,
    actionClass: step.actionClass,
    before: step.before,
    expected: step.expected,
    ...(end.kind === 'done' ? { after: end.after, actual: end.after } : { actual: end.why }),
    durationMs: progress.runtime.now() - startedMs,
    detail: { operation: operationIdOf(progress, step.name), applied },
  });
}
