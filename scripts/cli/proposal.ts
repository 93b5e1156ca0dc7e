/** A proposal in plain lines: what, from what to what, why, and whether it can be taken back. Prints nothing itself. */
import { boundText } from '../../workflows/domain/bound.js';
import type { Json } from '../../workflows/domain/json.js';
import { shortHash, type PlannedStep, type Proposal } from '../../workflows/domain/plan.js';
import { durationText } from '../../workflows/domain/time.js';
import type { JudgedGate } from '../../workflows/store.js';
import { columns, oneLine } from './columns.js';
import type { Colour, Paint } from './terminal.js';

/** Characters of one image or answer; the whole stands in `--json`. */
const imageMax = 400;

export function proposalLines(proposal: Proposal, paint: Paint): string[] {
  const { round, steps, because, confirmations, done } = proposal;
  const again = round > 1 ? `, proposal ${round}` : '';
  return [
    paint('bold', `Plan ${shortHash(proposal.planHash)}`) + paint('dim', again),
    ...done.map((name) => `  ${paint('dim', `done already: ${name}`)}`),
    ...steps.flatMap((step) => stepLines(step, paint)),
    ...confirmations.map(
      ({ says, withinMs }) => `  then waits until: ${says} (at most ${durationText(withinMs)})`,
    ),
    ...section('Why', because, paint),
    ...confidenceLines(proposal, paint),
  ];
}

/** Nothing for a proposal from before it was told. */
function confidenceLines({ confidence }: Proposal, paint: Paint): string[] {
  if (confidence === undefined) return [];
  const rows = confidence.parts.map(({ what, weight, value, why }) => {
    return [what, value.toFixed(2), `x ${weight}`, why];
  });
  return section(`Confidence ${confidence.value.toFixed(2)}`, columns(rows), paint);
}

/** The lines under a heading, or nothing when there are none. */
export function section(heading: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0
    ? []
    : [paint('bold', heading), ...lines.map((line) => `  ${oneLine(line)}`)];
}

function stepLines(step: PlannedStep, paint: Paint): string[] {
  const facts = [
    ['before', imageText(step.before)],
    ['after', imageText(step.expected)],
    ['undo', step.irreversible === null ? 'yes' : `no: ${step.irreversible}`],
    ...Object.entries(step.bounds).map(([field, bound]) => {
      return ['modify', `--step ${step.name} --set ${field}=...  (${boundText(bound)})`];
    }),
  ];
  return [
    `  ${paint('cyan', step.name)}  ${step.says}`,
    ...columns(facts.map(([name = '', text = '']) => [`    ${paint('dim', name)}`, text])),
  ];
}

export function imageText(image: Json): string {
  const text = JSON.stringify(image, (_key, value: unknown) => shortened(value));
  return text.length > imageMax ? `${text.slice(0, imageMax)}…` : text;
}

/** Hashes are compared by programs; people need their beginning. */
function shortened(value: unknown): unknown {
  const isHash = typeof value === 'string' && /^[0-9a-f]{32,}$/.test(value);
  return isHash ? `${shortHash(value)}…` : value;
}

const verdictColour = {
  pass: 'green',
  hold: 'yellow',
  refuse: 'red',
} as const satisfies Record<JudgedGate['verdict']['kind'], Colour>;

export function gateLines(gates: readonly JudgedGate[], paint: Paint): string[] {
  const rows = gates.map(({ gate, verdict }) => {
    const why = verdict.kind === 'pass' ? '' : `${verdict.reason}: ${verdict.why}`;
    return [gate, paint(verdictColour[verdict.kind], verdict.kind), why];
  });
  return section('Gates', columns(rows), paint);
}
