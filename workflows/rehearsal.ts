/** Proposes and asks the gates, and stops there: what `belay plan` shows. Writes nothing, takes nothing, acts on nothing. */
import type { Proposal } from './domain/plan.js';
import { beginRun, type Ending } from './progress.js';
import type { Runbook, RunInput } from './runbook.js';
import type { Runtime } from './runtime.js';
import { propose } from './stages/propose.js';
import { consider, type Judgement } from './store.js';

/** Either the proposal with what the gates say of it now, or why there can be none. Plain JSON. */
export type Rehearsed =
  | { readonly kind: 'proposed'; readonly proposal: Proposal; readonly judgement: Judgement }
  | Ending;

/** Throws a Failure when the gates could not be asked. */
export async function rehearsal(
  runtime: Runtime,
  runbook: Runbook,
  input: RunInput,
): Promise<Rehearsed> {
  const run = beginRun(runtime, runbook, input);
  const proposal = await propose(run, 1);
  if ('kind' in proposal) return proposal;
  const judgement = await runtime.ask(
    consider,
    {
      ...run.ledger.ref,
      entries: [],
      notices: [],
      proposal,
      maxAgeMs: runbook.meta.maxAgeMs,
      resolved: false,
      nowMs: runtime.now(),
    },
    'ask the gates',
  );
  return { kind: 'proposed', proposal, judgement };
}
