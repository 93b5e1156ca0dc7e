/** The ledger lines and notices of the repair written by hand: as many and as long as those the engine writes. */
import type { Alert } from '../../../workflows/domain/alert.js';
import type { Entry, Notice } from '../../../workflows/domain/entry.js';
import type { Json } from '../../../workflows/domain/json.js';
import type { PlannedStep, Proposal } from '../../../workflows/domain/plan.js';

/** Nobody compares plans here, so nothing is hashed. */
const planHash = '0'.repeat(64);

export function proposalOf(step: PlannedStep): Proposal {
  return {
    runbook: 'restart-service',
    round: 1,
    steps: [step],
    done: [],
    confirmations: [
      { says: 'the probe answers', withinMs: 60_000 },
      { says: 'the alert clears', withinMs: 120_000 },
    ],
    because: ['the process is EXITED since this morning', 'its probe: connection refused'],
    planHash,
  };
}

type Unnumbered = Omit<Entry, 'atMs' | 'ordinal'>;

export function linesOf(run: string, alert: Alert, proposal: Proposal) {
  let written = 0;
  const startedMs = Date.now();
  const number = (entries: readonly Unnumbered[]): Entry[] =>
    entries.map((entry) => ({ ...entry, atMs: Date.now(), ordinal: written++ }));
  const [step] = proposal.steps;
  const image = { before: step?.before ?? null, expected: step?.expected ?? null };
  const ofStep = { step: 'restart', actionClass: 'restart', ...image };
  const operation = `${run}/restart`;
  const title = `${alert.name} on ${alert.service}`;
  const notice = (text: string): Notice[] => [{ to: 'console', urgency: 'tell', title, text }];
  return {
    proposed: () => number(proposedLines(alert, proposal)),
    decided: () => number([decidedLine]),
    intent: () => {
      const detail = { operation, target: step?.target ?? '', round: 1 };
      return number([{ kind: 'intent', says: `about to ${step?.says ?? ''}`, ...ofStep, detail }]);
    },
    begins: () => notice(`${step?.says ?? ''}. belay halt ${run}`),
    effect: (after: unknown) => {
      const seen = { after: after as Json, actual: after as Json };
      const detail = { operation, applied: 'yes' };
      const says = `done: ${step?.says ?? ''}`;
      return number([{ kind: 'effect', says, ...ofStep, ...seen, durationMs: 1, detail }]);
    },
    ended: () => number(endedLines(Date.now() - startedMs)),
    tells: () => notice(`the service is well. belay show ${run}`),
  };
}

function proposedLines(alert: Alert, proposal: Proposal): Unnumbered[] {
  const says = `${alert.name} on ${alert.service}: restart-service begins`;
  return [
    { kind: 'opened', says, actor: 'alert' },
    {
      kind: 'proposal',
      says: `plan 00000000: ${proposal.steps[0]?.says ?? ''}`,
      expected: proposal.steps.map(({ name, expected }) => ({ step: name, expected })),
      detail: proposal as unknown as Json,
    },
  ];
}

const decidedLine: Unnumbered = {
  kind: 'decision',
  says: 'every gate passes; level 4, autonomous, overseen',
  level: 4,
  detail: { gate: 'policy', verdict: 'pass', tier: 'warning' },
};

function endedLines(durationMs: number): Unnumbered[] {
  const confirmed = (expected: string): Unnumbered => {
    const actual = 'it answers';
    return { kind: 'confirmation', says: `${expected}: ${actual}`, expected, actual, durationMs };
  };
  return [
    confirmed('the probe answers'),
    confirmed('the alert clears'),
    {
      kind: 'outcome',
      says: 'resolved: the service is well',
      outcome: 'resolved',
      expected: 'resolved',
      actual: 'resolved',
      durationMs,
      level: 4,
    },
  ];
}
