/** The gates: asked before people are, asked again at admission, people in between. Takes leases, changes nothing else. */
import { listen, heed } from '../attention.js';
import { Failure, messageOf } from '../domain/failure.js';
import { limits } from '../domain/limits.js';
import type { Proposal } from '../domain/plan.js';
import type { Verdict } from '../domain/verdict.js';
import { notPassed } from '../gates/index.js';
import { askPeople } from '../people.js';
import { ended, type Ending, type Progress } from '../progress.js';
import { levelName, signalRequired } from '../domain/level.js';
import { admit, consider, type JudgedGate, type Judgement, type Terms } from '../store.js';

/** `go`: leases are held, the first effect may follow. `again`: a person changed the plan, so there must be a new one. */
export type Passage = { readonly kind: 'go' } | { readonly kind: 'again' } | Ending;

export async function gate(progress: Progress, proposal: Proposal): Promise<Passage> {
  if (proposal.steps.length === 0) return { kind: 'go' };
  const considered = await judged(progress, proposal, consider);
  if (considered.kind === 'ended') return considered;
  const { terms } = considered;
  progress.terms = terms;
  noteLevel(progress, terms);
  if (terms.level === 1) return ended('advise-only', 'policy permits advice only');
  if (progress.onFallback && signalRequired(terms.level) !== undefined) {
    return ended('unanswered', 'the fallback needs a person too, and nobody answered');
  }
  const answered = await askPeople(progress, proposal, terms);
  if (answered.kind !== 'pass') return answered;
  const admitted = await judged(progress, proposal, admit);
  return admitted.kind === 'ended' ? admitted : { kind: 'go' };
}

function noteLevel({ ledger }: Progress, { level, tier }: Terms): void {
  const says = `every gate passes; level ${level}, ${levelName[level]}`;
  ledger.note({ kind: 'decision', says, level, detail: { gate: 'policy', verdict: 'pass', tier } });
}

/** Asks until the gates pass, one refuses, or one has held for too long. */
async function judged(
  progress: Progress,
  proposal: Proposal,
  call: typeof consider | typeof admit,
): Promise<{ readonly kind: 'passed'; readonly terms: Terms } | Ending> {
  const untilMs = progress.runtime.now() + limits.holdMsMax;
  let saidLast = '';
  for (;;) {
    const judgement = await judge(progress, proposal, call);
    if (judgement.kind === 'ended') return judgement;
    const blocked = notPassed(judgement.gates);
    if (blocked === undefined) {
      const { terms } = judgement;
      if (terms === null) return ended('policy-forbids', 'policy gave no level');
      return { kind: 'passed', terms };
    }
    if (call === consider) saidLast = noteOnce(progress, blocked, saidLast);
    const refused = await heldOrRefused(progress, blocked.verdict, untilMs);
    if (refused !== undefined) return refused;
  }
}

async function judge(
  progress: Progress,
  proposal: Proposal,
  call: typeof consider | typeof admit,
): Promise<(Judgement & { readonly kind: 'judged' }) | Ending> {
  const { ledger, runtime, runbook, resolved } = progress;
  const pages = ledger.take();
  try {
    const judgement = await runtime.ask(
      call,
      {
        ...ledger.ref,
        ...pages,
        proposal,
        maxAgeMs: runbook.meta.maxAgeMs,
        resolved,
        nowMs: runtime.now(),
      },
      call === admit ? 'ask the gates and take the leases' : 'ask the gates',
    );
    return { kind: 'judged', ...judgement };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    ledger.putBack(pages);
    return ended('unreadable', `the gates could not be asked: ${messageOf(thrown)}`);
  }
}

/** A gate that holds says the same every few seconds: it is written down once. Admission writes its own line. */
function noteOnce(
  progress: Progress,
  { gate: name, verdict }: JudgedGate,
  saidLast: string,
): string {
  if (verdict.kind === 'pass') return saidLast;
  const says = `${name}: ${verdict.kind}, ${verdict.why}`;
  if (says !== saidLast) {
    const detail = { gate: name, verdict: verdict.kind };
    progress.ledger.note({ kind: 'decision', says, reason: verdict.reason, detail });
  }
  return says;
}

/** Undefined when it is worth asking again. */
async function heldOrRefused(
  progress: Progress,
  verdict: Verdict,
  untilMs: number,
): Promise<Ending | undefined> {
  if (verdict.kind === 'pass') return undefined;
  const nowMs = progress.runtime.now();
  if (verdict.kind === 'refuse' || nowMs >= untilMs) return ended(verdict.reason, verdict.why);
  return interrupted(progress, verdict.why, Math.min(untilMs, nowMs + verdict.retryAfterMs));
}

async function interrupted(
  progress: Progress,
  why: string,
  untilMs: number,
): Promise<Ending | undefined> {
  const message = await listen(progress, {
    accept: ['halt', 'takeover', 'reject'],
    untilMs,
    says: why,
  });
  if (message === undefined) return undefined;
  heed(progress, message);
  const said = `${message.by} sent ${message.kind} while the run waited: ${why}`;
  if (message.kind === 'halt') return ended('halted', said);
  return ended(message.kind === 'takeover' ? 'taken-over' : 'rejected', said);
}
