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

/** The label by which a rule's author names the runbook when several match. */
export const runbookLabel = 'runbook';

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
