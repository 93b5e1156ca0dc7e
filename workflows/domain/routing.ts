/** Which runbook an alert goes to, decided from labels alone; starts nothing, asks nobody. */
import type { Alert } from './alert.js';

/** Label matchers: every label of one entry must be equal. `alertname` is the alert's name. */
export type Matcher = Readonly<Record<string, string>>;

/** As much of a runbook as routing looks at. */
export interface Routable {
  readonly meta: { readonly name: string; readonly handles: readonly Matcher[] };
}

export interface Considered {
  readonly runbook: string;
  readonly matches: boolean;
  readonly why: string;
}

export interface Route {
  /** Null when none matches, or when it is not clear which of several is meant. */
  readonly runbook: string | null;
  readonly why: string;
  /** Every runbook of the catalogue, in its order. */
  readonly considered: readonly Considered[];
}

/** Two runbooks that one and the same alert could match. */
export interface Overlap {
  readonly runbooks: readonly [string, string];
  /** An alert with these labels matches both. */
  readonly labels: Matcher;
}

/** The label by which a rule's author names the runbook when several match. */
const runbookLabel = 'runbook';

/**
 * The one runbook for an alert. Of several that match, the alert's label `runbook` decides; without it none is
 * taken, and a label that names a runbook which does not handle the alert is a contradiction: unknown means no.
 */
export function route(catalogue: readonly Routable[], alert: Alert): Route {
  const considered = catalogue.map((runbook) => consider(runbook, alert));
  const matching = considered.filter((entry) => entry.matches);
  const named = considered.find((entry) => entry.runbook === labelOf(alert, runbookLabel));
  return { ...choose(matching, named, alert), considered };
}

/** The pairs of runbooks that need the label `runbook` to be told apart; for the catalogue's own test and `doctor`. */
export function overlaps(catalogue: readonly Routable[]): Overlap[] {
  const found: Overlap[] = [];
  catalogue.forEach((left, index) => {
    for (const right of catalogue.slice(index + 1)) {
      const labels = sharedLabels(left, right);
      if (labels) found.push({ runbooks: [left.meta.name, right.meta.name], labels });
    }
  });
  return found;
}

function choose(
  matching: readonly Considered[],
  named: Considered | undefined,
  alert: Alert,
): Omit<Route, 'considered'> {
  if (named && !named.matches) {
    const why = `the label runbook names ${named.runbook}, which does not handle it: ${named.why}`;
    return { runbook: null, why };
  }
  if (named) return { runbook: named.runbook, why: `${named.why}; named by the label runbook` };
  const [first, ...others] = matching;
  if (!first) return { runbook: null, why: `no runbook handles ${alert.name}` };
  if (others.length === 0) return { runbook: first.runbook, why: first.why };
  const names = matching.map((entry) => entry.runbook).join(', ');
  return { runbook: null, why: `several runbooks match (${names}): set the label runbook to one` };
}

function consider({ meta }: Routable, alert: Alert): Considered {
  const misses: string[] = [];
  for (const matcher of meta.handles) {
    const miss = missOf(matcher, alert);
    if (miss === undefined) {
      return { runbook: meta.name, matches: true, why: `handles ${textOf(matcher)}` };
    }
    misses.push(miss);
  }
  const why = misses.join('; ') || 'handles nothing';
  return { runbook: meta.name, matches: false, why };
}

/** The first label that differs, or undefined when all are equal. An empty matcher would mean everything: it matches nothing. */
function missOf(matcher: Matcher, alert: Alert): string | undefined {
  const wanted = Object.entries(matcher);
  if (wanted.length === 0) return 'an entry without labels matches nothing';
  for (const [label, value] of wanted) {
    const actual = labelOf(alert, label);
    if (actual !== value) return `${label} is ${actual ?? 'not set'}, not ${value}`;
  }
  return undefined;
}

function labelOf(alert: Alert, label: string): string | undefined {
  if (label === 'alertname') return alert.name;
  return Object.hasOwn(alert.labels, label) ? alert.labels[label] : undefined;
}

function textOf(matcher: Matcher): string {
  return Object.entries(matcher)
    .map(([label, value]) => `${label}=${value}`)
    .join(', ');
}

function sharedLabels(left: Routable, right: Routable): Matcher | undefined {
  for (const one of left.meta.handles) {
    for (const other of right.meta.handles) {
      if (compatible(one, other)) return { ...one, ...other };
    }
  }
  return undefined;
}

function compatible(one: Matcher, other: Matcher): boolean {
  if (Object.keys(one).length === 0 || Object.keys(other).length === 0) return false;
  return Object.entries(one).every(
    ([label, value]) => !Object.hasOwn(other, label) || other[label] === value,
  );
}
