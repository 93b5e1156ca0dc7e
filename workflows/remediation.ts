/** The story of one run, in order: propose, gate, perform, confirm, (unwind), watch, close. Everything else is told elsewhere. */
import { limits } from './domain/limits.js';
import type { Outcome } from './domain/outcome.js';
import { beginRun, ended, standing, type Ending, type Progress, type Report } from './progress.js';
import type { Runbook, RunInput } from './runbook.js';
import type { Runtime } from './runtime.js';
import { close, report } from './stages/close.js';
import { confirm } from './stages/confirm.js';
import { gate } from './stages/gate.js';
import { perform } from './stages/perform.js';
import { propose } from './stages/propose.js';
import { unwind } from './stages/unwind.js';
import { watch } from './stages/watch.js';

/** One runbook works on one episode and comes to exactly one outcome; see docs/design.md, "The life of an alert". */
export async function remediation(
  runtime: Runtime,
  runbook: Runbook,
  input: RunInput,
): Promise<Report> {
  const run = beginRun(runtime, runbook, input);
  open(run);
  const end = await repair(run);
  let outcome = await report(run, end === 'well' ? resolved : await unwind(run, end));
  if (outcome.kind === 'resolved') {
    const unwanted = await watch(run);
    if (unwanted !== undefined) outcome = await report(run, await unwind(run, unwanted));
  }
  return close(run, outcome);
}

function open({ ledger, alert, runbook, trigger }: Progress): void {
  const says = `${alert.name} on ${alert.service}: ${runbook.meta.name} begins`;
  ledger.note({ kind: 'opened', says, actor: trigger });
}

const resolved: Outcome = { kind: 'resolved', reason: null, why: 'the service is well' };

/** What runs is what was approved: whenever the world or the plan moved, it proposes and asks again from where it is. */
async function repair(run: Progress): Promise<'well' | Ending> {
  for (let round = 1; round <= limits.proposalsMax; round += 1) {
    const proposal = await propose(run, round);
    if ('kind' in proposal) return proposal;

    const passage = await gate(run, proposal);
    if (passage.kind === 'again') continue;
    if (passage.kind === 'ended') {
      if (turnToFallback(run, passage)) continue;
      return passage;
    }

    const performed = await perform(run, proposal, confirm);
    if (performed.kind === 'well') return 'well';
    if (performed.kind === 'ended') return performed;
    if (standing(run).length === 0) await run.ledger.commit({ release: true });
  }
  return ended('keeps-moving', `${limits.proposalsMax} proposals were overtaken by the world`);
}

/** Nobody answered and nothing was done yet: the runbook's declared safer one takes its place, once. */
function turnToFallback(run: Progress, { reason }: Ending): boolean {
  const { fallback } = run.runbook.meta;
  if (reason !== 'unanswered' || fallback === undefined) return false;
  if (run.onFallback || run.begun.length > 0) return false;
  run.onFallback = true;
  run.runbook = fallback;
  run.ledger.note({
    kind: 'decision',
    says: `nobody answered: falls back to ${fallback.meta.name}`,
  });
  return true;
}
