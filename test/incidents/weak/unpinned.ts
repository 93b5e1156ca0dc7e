/** The story of a run without the pinned plan: what the real pass comes upon is done, rehearsed or not. For tests only. */
import { irreversibleBecause, type Action } from '../../../workflows/actions/action.js';
import { Admission } from '../../../workflows/admission.js';
import type { Json, JsonObject } from '../../../workflows/domain/json.js';
import type { PlannedStep } from '../../../workflows/domain/plan.js';
import { stepKey } from '../../../workflows/journal.js';
import { Pass } from '../../../workflows/pass.js';
import {
  beginRun,
  ended,
  type Ending,
  type Progress,
  type Report,
} from '../../../workflows/progress.js';
import type { Runbook, RunInput } from '../../../workflows/runbook.js';
import type { Runtime } from '../../../workflows/runtime.js';
import { close, report } from '../../../workflows/stages/close.js';
import { gate } from '../../../workflows/stages/gate.js';
import { propose } from '../../../workflows/stages/propose.js';
import { unwind } from '../../../workflows/stages/unwind.js';
import { intentOf, performStep } from '../../../workflows/step.js';
import type { Weakness } from '../incident.js';

export function planNotPinned(): Weakness {
  return { name: 'what runs need not be what was approved', instead: { engine: unpinned } };
}

async function unpinned(runtime: Runtime, runbook: Runbook, input: RunInput): Promise<Report> {
  const run = beginRun(runtime, runbook, input);
  run.ledger.note({ kind: 'opened', says: `${runbook.meta.name} begins` });
  const end = await repaired(run);
  const well = { kind: 'resolved', reason: null, why: 'the service is well' } as const;
  const outcome = end === 'well' ? well : await unwind(run, end);
  await report(run, outcome);
  return close(run, outcome);
}

async function repaired(run: Progress): Promise<'well' | Ending> {
  const proposal = await propose(run, 1);
  if ('kind' in proposal) return proposal;
  const passage = await gate(run, proposal);
  if (passage.kind === 'ended') return passage;
  return new Unpinned(run, new Admission(run, proposal, [])).play();
}

class Unpinned extends Pass {
  constructor(
    progress: Progress,
    private readonly admission: Admission,
  ) {
    super(progress, 0);
  }

  async play(): Promise<'well' | Ending> {
    try {
      await this.run();
      return 'well';
    } catch (thrown) {
      return ended('step-failed', String(thrown));
    }
  }

  protected override async step(
    name: string,
    action: Action<JsonObject, Json>,
    input: JsonObject,
  ): Promise<Json> {
    const answer = this.progress.journal.find(stepKey(name));
    if (answer !== undefined) return answer.value;
    const step = await this.plannedNow(name, action, input);
    const entered = await this.admission.enter(intentOf(this.progress, step));
    if (entered.kind !== 'in') throw new RangeError('it was not let in');
    const end = await performStep(this.progress, step, action);
    if (end.kind !== 'done') throw new RangeError(end.why);
    return end.after;
  }

  private async plannedNow(
    name: string,
    action: Action<JsonObject, Json>,
    input: JsonObject,
  ): Promise<PlannedStep> {
    const says = action.describe(input);
    const images = await this.progress.runtime.ask(action.rehearse, input, says);
    return {
      name,
      action: action.name,
      actionClass: action.class,
      target: action.target(input),
      says,
      input,
      ...images,
      irreversible: irreversibleBecause(action) ?? null,
      bounds: action.bounds,
    };
  }

  protected override confirm(): Promise<void> {
    return Promise.resolve();
  }
}
