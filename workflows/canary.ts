/**
 * A change brought to many targets by stages: a first few, then a share at a time, each stage seen to be well before the next
 * begins. Made of the author's other verbs, so that every gate, halt and undo holds here as anywhere. Decides nothing itself.
 */
import { limits } from './domain/limits.js';
import type { CanaryStages, Run } from './runbook.js';

export interface Canary<Target, Input> {
  readonly targets: readonly Target[];
  readonly stages: CanaryStages<Target, Input>;
  readonly each: (target: Target) => Promise<unknown>;
}

/** Throws a RangeError for stages that are none; ends, as the run does, at the first stage that is not seen to be well. */
export async function canary<Target, Input>(run: Run, asked: Canary<Target, Input>): Promise<void> {
  const { targets, stages, each } = asked;
  const staged = stagesOf(targets, stages);
  const sizes = staged.map((stage) => stage.length).join(', ');
  run.because(
    `${targets.length} targets by stages of ${sizes}, each seen to be well before the next`,
  );
  for (const [at, stage] of staged.entries()) {
    await run.all(stage.map((target) => () => each(target)));
    await seenWell(run, { stage, named: `stage ${at + 1} of ${staged.length}`, stages });
  }
}

interface Staged<Target, Input> {
  readonly stage: readonly Target[];
  readonly named: string;
  readonly stages: CanaryStages<Target, Input>;
}

/** The first target has to stay well for a while; by then the whole stage has stood so long, and one look at each will do. */
async function seenWell<Target, Input>(
  run: Run,
  { stage, named, stages: { healthy } }: Staged<Target, Input>,
): Promise<void> {
  const { steadyForMs = limits.canarySteadyForMs, withinMs = limits.confirmWithinMs } = healthy;
  const pace = healthy.everyMs === undefined ? {} : { everyMs: healthy.everyMs };
  for (const [nth, target] of stage.entries()) {
    await run.confirm(`${named}: ${healthy.says(target)}`, healthy.check, healthy.input(target), {
      withinMs,
      steadyForMs: nth === 0 ? steadyForMs : 0,
      ...pace,
    });
  }
}

/** The targets in their order. An empty list is an error: what should name targets and names none has failed, and is not "all". */
export function stagesOf<Target>(
  targets: readonly Target[],
  { first = 1, then }: Pick<CanaryStages<Target, never>, 'first' | 'then'>,
): Target[][] {
  if (targets.length === 0) throw new RangeError('a canary needs targets: its list is empty');
  const size = sizeOf(then, targets.length);
  const alone = Math.min(wholeOf('first', first), Math.max(1, targets.length - 1));
  const staged = [targets.slice(0, alone)];
  for (let at = alone; at < targets.length; at += size) staged.push(targets.slice(at, at + size));
  return staged;
}

/** At least one: a share of few targets must not come to nothing. */
function sizeOf(then: number | string, count: number): number {
  if (typeof then === 'number') return wholeOf('then', then);
  const percent = Number(/^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(then)?.[1] ?? Number.NaN);
  if (percent > 0 && percent <= 100) return Math.max(1, Math.floor((count * percent) / 100));
  throw new RangeError(`a canary's "then" is ${then}; write a number, or a share such as 25%`);
}

function wholeOf(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`a canary's "${name}" is ${value}; write a whole number, at least 1`);
}
