/** The end of a run: says how it came out, gives the leases back, tells people. Changes nothing in the world. */
import { listen } from '../attention.js';
import type { Notice } from '../domain/entry.js';
import type { Outcome } from '../domain/outcome.js';
import { reasons, type Reason } from '../domain/reason.js';
import { standing, type Progress, type Report } from '../progress.js';
import { show } from '../view.js';

/**
 * The outcome is durable, people are told and the targets are free when this returns: this outcome, or the one that an earlier
 * telling of the run has written.
 */
export async function report(progress: Progress, outcome: Outcome): Promise<Outcome> {
  const { ledger, runtime, terms } = progress;
  ledger.note({
    kind: 'outcome',
    says: `${outcome.kind}: ${outcome.why}`,
    outcome: outcome.kind,
    expected: 'resolved',
    actual: outcome.kind,
    durationMs: runtime.now() - progress.openedAtMs,
    ...(outcome.reason === null ? {} : { reason: outcome.reason }),
    ...(terms === null ? {} : { level: terms.level }),
  });
  for (const notice of noticesOf(progress, outcome)) ledger.tell(notice);
  const targets = standing(progress).map(({ step }) => step.target);
  const stands = await ledger.commit({
    release: true,
    ...(outcome.kind === 'stuck' ? { quarantine: { targets, why: outcome.why } } : {}),
  });
  return stands ?? outcome;
}

/** The run's last line, and its result. */
export async function close(progress: Progress, outcome: Outcome): Promise<Report> {
  const { ledger, alert, runbook } = progress;
  await answerLate(progress);
  const watched = outcome.kind === 'resolved';
  const afterwards = watched ? (progress.recurred ? 'recurred' : 'held') : null;
  const says = afterwards === null ? outcome.kind : `${outcome.kind}, ${afterwards}`;
  ledger.note({ kind: 'closed', says: `closed: ${says}`, outcome: outcome.kind });
  await ledger.commit();
  show(progress, 'closed', outcome);
  return {
    run: ledger.ref.run,
    runbook: runbook.meta.name,
    service: alert.service,
    outcome: outcome.kind,
    reason: outcome.reason,
    why: outcome.why,
    steps: progress.begun
      .filter(({ applied }) => applied !== 'no')
      .map(({ step, undone }) => ({ name: step.name, says: step.says, undone })),
    afterwards,
  };
}

/** Whoever wrote while the run took back or reported is told that it was too late: no message is swallowed. */
async function answerLate(progress: Progress): Promise<void> {
  const untilMs = progress.runtime.now();
  await listen(progress, { accept: [], untilMs, says: 'the run is over' });
}

/** People are paged when they must do something now, and told otherwise; nobody is told of an answer they gave. */
function noticesOf({ alert, ledger, terms }: Progress, outcome: Outcome): Notice[] {
  const to = terms?.overseers ?? [];
  const receivers = to.length > 0 ? to : ['everyone'];
  const meaning = outcome.reason === null ? '' : ` ${reasons[outcome.reason]}`;
  return receivers.map((receiver) => ({
    to: receiver,
    urgency: needsSomebody(outcome) ? 'page' : 'tell',
    title: `${alert.name} on ${alert.service}: ${outcome.kind}`,
    text: `${outcome.why}.${meaning} belay show ${ledger.ref.run}`,
  }));
}

/** Reasons for which nobody decided that nothing should be done: the alert fires on, and no one works on it. */
const unattended: readonly Reason[] = [
  'unanswered',
  'unobservable',
  'telemetry-stale',
  'unreadable',
  'recurring',
  'dependency-sick',
  'blast-radius',
  'risk-spent',
  'error-budget-spent',
  'rate-limited',
  'breaker-open',
  'keeps-moving',
  'runbook-error',
  'step-failed',
];

function needsSomebody({ kind, reason }: Outcome): boolean {
  if (kind === 'stuck' || kind === 'unresolved' || kind === 'undone') return true;
  return kind === 'withheld' && reason !== null && unattended.includes(reason);
}
