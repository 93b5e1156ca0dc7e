/** The gates before people, and then people: is there a point, and who must agree? Takes nothing, changes nothing. */
import { levelName, signalRequired } from '../domain/level.js';
import type { Proposal } from '../domain/plan.js';
import { flawsIn } from '../domain/telemetry.js';
import { askGates } from '../judging.js';
import { askPeople } from '../people.js';
import { ended, type Ending, type Progress } from '../progress.js';
import { consider, type Terms } from '../store.js';

/** `go`: nobody is against it; admission is still to come. `again`: a person changed the plan, so there must be a new one. */
export type Passage = { readonly kind: 'go' } | { readonly kind: 'again' } | Ending;

export async function gate(progress: Progress, proposal: Proposal): Promise<Passage> {
  if (proposal.steps.length === 0) return { kind: 'go' };
  const considered = await askGates(progress, { call: consider, proposal });
  if (considered.kind === 'ended') return considered;
  const { terms } = considered;
  progress.terms = terms;
  noteLevel(progress, proposal, terms);
  if (terms.level === 1) return ended('advise-only', 'policy permits advice only');
  if (progress.onFallback && signalRequired(terms.level) !== undefined) {
    return ended('unanswered', 'the fallback needs a person too, and nobody answered');
  }
  const answered = await askPeople(progress, proposal, terms);
  return answered.kind === 'pass' ? { kind: 'go' } : answered;
}

function noteLevel({ ledger }: Progress, { confidence }: Proposal, { level, tier }: Terms): void {
  const flaws = flawsIn(confidence);
  const unsure = flaws.length === 0 ? '' : `; not sure of what was seen: ${flaws.join('; ')}`;
  const says = `every gate passes; level ${level}, ${levelName[level]}${unsure}`;
  ledger.note({ kind: 'decision', says, level, detail: { gate: 'policy', verdict: 'pass', tier } });
}
