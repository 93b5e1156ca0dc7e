/**
 * What is wrong with the matchers of a catalogue before any alert comes: two runbooks that one alert could mean, and
 * entries no alert can reach. It routes nothing; the build and the tests refuse a catalogue that has such flaws.
 */
import type { Matcher, Routable } from './routing.js';
import { runbookLabel } from './routing.js';

/** Two runbooks that one and the same alert could match. */
export interface Overlap {
  readonly kind: 'overlap';
  readonly runbooks: readonly [string, string];
  /** An alert with these labels matches both. */
  readonly labels: Matcher;
}

/** An entry that never decides anything, so whoever wrote it believes something that is not so. */
export interface Unreachable {
  readonly kind: 'unreachable';
  readonly runbook: string;
  readonly entry: Matcher;
  readonly why: string;
}

/** Two runbooks of one name: their runs could not be told apart. */
export interface SameName {
  readonly kind: 'same-name';
  readonly runbook: string;
}

export type Flaw = Overlap | Unreachable | SameName;

/** Everything that is wrong; empty when every alert has one runbook at most and every entry its alerts. */
export function flawsOf(catalogue: readonly Routable[]): Flaw[] {
  return [...sameNames(catalogue), ...overlaps(catalogue), ...unreachable(catalogue)];
}

/** One sentence with the names, an example where there is one, and the fix. */
export function flawText(flaw: Flaw): string {
  switch (flaw.kind) {
    case 'overlap': {
      const [left, right] = flaw.runbooks;
      const both = `${left} and ${right} both take an alert with the labels ${JSON.stringify(flaw.labels)}`;
      const fix = 'give an entry of one of them a label by which such alerts differ';
      return `${both}: ${fix}, or the label runbook with its own name`;
    }
    case 'unreachable':
      return `no alert reaches the entry ${JSON.stringify(flaw.entry)} of ${flaw.runbook}: ${flaw.why}`;
    case 'same-name':
      return `two runbooks are named ${flaw.runbook}: rename one`;
  }
}

/**
 * The pairs of runbooks of which one alert could mean either. Where the label `runbook` is part of an entry and names a
 * runbook of the catalogue, it decides, so that pair is none.
 */
export function overlaps(catalogue: readonly Routable[]): Overlap[] {
  const names = namesOf(catalogue);
  return catalogue.flatMap((left, index) =>
    catalogue.slice(index + 1).flatMap((right): Overlap[] => {
      const labels = sharedLabels({ left, right, names });
      const runbooks = [left.meta.name, right.meta.name] as const;
      return labels === undefined ? [] : [{ kind: 'overlap', runbooks, labels }];
    }),
  );
}

interface Pair {
  readonly left: Routable;
  readonly right: Routable;
  /** Of the whole catalogue. */
  readonly names: ReadonlySet<string>;
}

function sharedLabels({ left, right, names }: Pair): Matcher | undefined {
  const pairs = left.meta.handles.flatMap((one) =>
    right.meta.handles.map((other) => [one, other] as const),
  );
  const shared = pairs.find(([one, other]) => {
    const decides = valueOf(one, runbookLabel) ?? valueOf(other, runbookLabel);
    return compatible(one, other) && (decides === undefined || !names.has(decides));
  });
  return shared === undefined ? undefined : exampleOf({ ...shared[0], ...shared[1] });
}

/** Every alert has a name. */
function exampleOf(labels: Matcher): Matcher {
  return { alertname: valueOf(labels, 'alertname') ?? 'AnyName', ...labels };
}

/** No label that both name has different values. An empty entry matches nothing. */
function compatible(one: Matcher, other: Matcher): boolean {
  if (Object.keys(one).length === 0 || Object.keys(other).length === 0) return false;
  return Object.entries(one).every(([label, value]) => {
    return (valueOf(other, label) ?? value) === value;
  });
}

function unreachable(catalogue: readonly Routable[]): Unreachable[] {
  const names = namesOf(catalogue);
  return catalogue.flatMap((runbook) =>
    runbook.meta.handles.flatMap((entry, index): Unreachable[] => {
      const why = whyUnreachable({ runbook, index, names });
      const { name } = runbook.meta;
      return why === undefined ? [] : [{ kind: 'unreachable', runbook: name, entry, why }];
    }),
  );
}

interface Place {
  readonly runbook: Routable;
  /** Of the entry in `handles`. */
  readonly index: number;
  readonly names: ReadonlySet<string>;
}

function whyUnreachable({ runbook, index, names }: Place): string | undefined {
  const { name, handles } = runbook.meta;
  const entry = handles[index] ?? {};
  if (Object.keys(entry).length === 0) return 'an entry without labels matches nothing; delete it';
  if (entry['alertname'] === '') return 'every alert has a name; name one';
  const named = valueOf(entry, runbookLabel);
  if (named !== undefined && named !== name && names.has(named)) {
    return `its label runbook gives such alerts to ${named}; put the entry there`;
  }
  const wider = handles.find((other, at) => at !== index && covers(other, entry, at < index));
  if (wider === undefined) return undefined;
  return `the entry ${JSON.stringify(wider)} takes all of them already; delete one`;
}

/** Every alert of `entry` is one of `wider`. Of two equal ones the first covers the second. */
function covers(wider: Matcher, entry: Matcher, isEarlier: boolean): boolean {
  const labels = Object.entries(wider);
  const all = labels.every(([label, value]) => valueOf(entry, label) === value);
  return labels.length > 0 && all && (isEarlier || labels.length < Object.keys(entry).length);
}

function sameNames(catalogue: readonly Routable[]): SameName[] {
  const all = catalogue.map(({ meta }) => meta.name);
  const again = all.filter((name, index) => all.indexOf(name) < index);
  return [...new Set(again)].map((runbook) => ({ kind: 'same-name', runbook }));
}

function namesOf(catalogue: readonly Routable[]): ReadonlySet<string> {
  return new Set(catalogue.map(({ meta }) => meta.name));
}

/** Inherited names are no labels. */
function valueOf(labels: Matcher, label: string): string | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined;
}
