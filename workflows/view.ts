/** What a person sees of a run while it lives: state, proposal and how to answer, in Markdown. Only shows; decides nothing. */
import { boundText } from './domain/bound.js';
import { levelName, signalRequired } from './domain/level.js';
import { limits } from './domain/limits.js';
import type { Outcome } from './domain/outcome.js';
import { shortHash, type PlannedStep, type Proposal } from './domain/plan.js';
import { instantText } from './domain/time.js';
import type { OperatorMessage } from './messages.js';
import type { Progress } from './progress.js';
import type { Offer, RunState, RunStatus } from './runtime.js';
import type { Terms } from './store.js';

/** The gate that waits for people; the middle word of the signals it offers. */
export const approvalGate = 'approval';

/** Shows the state of a run that waits for nobody. */
export function show(progress: Progress, state: RunState, outcome: Outcome | null = null): void {
  const { runtime, proposal } = progress;
  const heading = `**${state}** ${progress.alert.name} on ${progress.alert.service}`;
  const parts = [heading, outcome === null ? '' : `${outcome.kind}: ${outcome.why}`];
  if (proposal !== null) parts.push(planText(proposal));
  runtime.show({ ...statusOf(progress, state), outcome, details: parts.join('\n\n') });
}

/** Shows what is asked of people, until when, and every way to answer. Shows nothing before policy gave terms. */
export function showWaiting(progress: Progress, proposal: Proposal, untilMs: number): void {
  const { terms } = progress;
  if (terms === null) return;
  const offers = offersOf(proposal, terms, untilMs);
  progress.runtime.show({
    ...statusOf(progress, 'waiting'),
    gate: approvalGate,
    waitingUntilMs: untilMs,
    offers,
    details: [
      `**waiting at level ${terms.level}, ${levelName[terms.level]}** until ${instantText(untilMs)}`,
      planText(proposal),
      answerText(progress, proposal, terms),
    ].join('\n\n'),
  });
}

function statusOf(progress: Progress, state: RunState): RunStatus {
  return {
    state,
    runbook: progress.runbook.meta.name,
    service: progress.alert.service,
    level: progress.terms?.level ?? null,
    proposal: progress.proposal,
    outcome: null,
    gate: null,
    waitingUntilMs: null,
    offers: [],
    details: '',
  };
}

function offersOf(proposal: Proposal, terms: Terms, untilMs: number): Offer[] {
  const required = signalRequired(terms.level);
  const kinds: OperatorMessage[] = required === undefined ? ['veto'] : [required, 'reject'];
  const planHash8 = shortHash(proposal.planHash);
  const steps = proposal.steps.map((step) => step.says).join('; then ');
  return kinds.map((kind) => ({
    kind,
    gate: approvalGate,
    planHash8,
    says: `${kind}: ${steps} (until ${instantText(untilMs)})`,
  }));
}

function planText(proposal: Proposal): string {
  const why = proposal.because.map((line) => `- ${inert(line)}`);
  const rows = proposal.steps.map((step) => stepRow(step));
  const confirmations = proposal.confirmations.map(({ says }) => `- ${inert(says)}`);
  return [
    `Plan \`${shortHash(proposal.planHash)}\` of ${proposal.runbook}`,
    ...(why.length > 0 ? ['', 'Why:', ...why] : []),
    '',
    '| step | does | before | after | taken back |',
    '|---|---|---|---|---|',
    ...rows,
    ...confidenceText(proposal),
    ...(confirmations.length > 0 ? ['', 'Then waits until:', ...confirmations] : []),
  ].join('\n');
}

function confidenceText({ confidence }: Proposal): string[] {
  if (confidence === undefined) return [];
  const parts = confidence.parts.map(({ what, value, why }) => {
    return `- ${value.toFixed(2)} ${inert(what)}: ${inert(why)}`;
  });
  return ['', `Confidence ${confidence.value.toFixed(2)}:`, ...parts];
}

function stepRow(step: PlannedStep): string {
  const back = step.irreversible === null ? 'yes' : `no: ${step.irreversible}`;
  const cells = [step.name, step.says, imageText(step.before), imageText(step.expected), back];
  return `| ${cells.map(inert).join(' | ')} |`;
}

function imageText(image: unknown): string {
  return JSON.stringify(image).slice(0, limits.textMax);
}

/** Alert text is hostile: it must not break out of its cell or become markup. */
function inert(text: string): string {
  return text.replace(/[|\r\n]/g, ' ').replace(/[<>`[\]]/g, (mark) => `\\${mark}`);
}

function answerText({ ledger }: Progress, proposal: Proposal, terms: Terms): string {
  const plan = shortHash(proposal.planHash);
  const yes = signalRequired(terms.level);
  const no = yes === undefined ? 'veto' : 'reject';
  const answers = yes === undefined ? [no] : [yes, no];
  const { run } = ledger.ref;
  const bounds = proposal.steps.flatMap((step) =>
    Object.entries(step.bounds).map(
      ([field, bound]) =>
        `- \`belay modify ${run} --step ${step.name} --set ${field}=...\` (${boundText(bound)})`,
    ),
  );
  return [
    'How to answer, any of:',
    `- here: More Actions, Send a Signal, ${answers.map((kind) => `\`${kind}:${approvalGate}:${plan}\``).join(' or ')}`,
    ...answers.map((kind) => `- \`belay ${kind} ${run} --plan ${plan}\``),
    ...answers.map(
      (kind) => `- \`temporal workflow signal -w ${run} --name ${kind}:${approvalGate}:${plan}\``,
    ),
    ...bounds,
  ].join('\n');
}
