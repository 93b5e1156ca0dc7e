/** Trust records as lines for people: what is in force, the counts, and with `--explain` the ledger line behind each. */
import type {
  ExplainedFact,
  TrustChange,
  TrustRecord,
} from '../../../activities/store/trust/record.js';
import { facts, factKinds } from '../../../activities/store/trust/fact.js';
import { percent } from '../../../activities/store/trust/prerequisites.js';
import { keyText } from '../../../activities/store/trust/ceiling.js';
import { columns } from '../columns.js';
import type { Paint } from '../terminal.js';

export interface Explained {
  readonly record: TrustRecord;
  readonly changes: readonly TrustChange[];
  readonly facts: readonly ExplainedFact[];
}

export function recordLines(records: readonly TrustRecord[], paint: Paint): string[] {
  if (records.length === 0)
    return ['no class of action has a record yet: each stands at level 3 at most'];
  const head = [
    'record',
    'level',
    'proposed',
    'agreed',
    'disagreed',
    'held',
    'of',
    'at least',
    'hidden',
  ];
  const rows = records.map((record) => [
    keyText(record),
    String(record.ceiling),
    ...[record.counts.proposed, record.counts.agreed, record.counts.disagreed].map(String),
    String(record.counts.held),
    String(record.trials),
    percent(record.bound),
    String(record.hidden),
  ]);
  return columns([head.map((cell) => paint('dim', cell)), ...rows]);
}

export function explainedLines(
  { record, changes, facts: shown }: Explained,
  paint: Paint,
): string[] {
  const counted = factKinds.filter((fact) => record.counts[fact] > 0);
  return [
    paint('bold', `${keyText(record)}: level ${record.ceiling}`),
    `  because ${record.why}`,
    ...changes.map(({ at, says }) => `  ${at.toISOString()}  ${says}`),
    ...counted.flatMap((fact) => [
      '',
      `  ${paint('cyan', `${fact}: ${record.counts[fact]}`)}  ${facts[fact]}`,
      ...columns(linesBehind(shown, fact)).map((line) => `    ${line}`),
    ]),
    '',
  ];
}

function linesBehind(shown: readonly ExplainedFact[], kind: string): string[][] {
  return shown
    .filter(({ fact }) => fact === kind)
    .map(({ at, run, seq, entry, says }) => [
      at.toISOString(),
      run,
      seq === null ? entry.slice(0, 12) : `#${seq}`,
      says ?? 'the ledger no longer holds this line',
    ]);
}
