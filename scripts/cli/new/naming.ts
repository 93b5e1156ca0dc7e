/** What a new runbook is called and what it handles: taken from people or made of an alert, and refused where it would break code. */
import type { Alert } from '../../../workflows/domain/alert.js';
import { overlaps } from '../../../workflows/domain/routing-flaw.js';
import type { Matcher, Routable } from '../../../workflows/domain/routing.js';
import { workflowTypeOf } from '../../../workflows/runbook.js';
import { misused, refused } from '../complaint.js';
import { literalOf } from './literal.js';

export interface Naming {
  /** Kebab-case. */
  readonly name: string;
  /** The same in camelCase, which is also its workflow type. */
  readonly variable: string;
  readonly alertname: string;
  readonly handles: Matcher;
  /** The alert it was made for, where it was made from one. */
  readonly sample: Alert | null;
}

/** Made names leave room for the word `Runbook` behind them on a line of 100. */
const madeNameMax = 30;
const literalMax = 100;

/** Words of the language, and what the new files use by their own name. */
const takenVariables = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static
  super switch this throw true try typeof var void while with yield arguments eval undefined alertname alertOf
  createSimulator defineRunbook describe expect findProcess harness minutes policy probeAnswers readFileSync
  restartProcess route runbooks seconds story test workflowOf`.split(/\s+/),
);

/** Words the vocabulary replaces by others; an alert may say them, a name of ours does not. */
const notOurWords = new Set(
  'job jobs task tasks execution executions helper helpers util utils manager managers mode modes abort'.split(
    ' ',
  ),
);

/** Throws a complaint unless it can be a runbook's name for ever. */
export function requireName(name: string): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw misused(`"${name}" is no runbook name`, 'use kebab-case, such as drain-node');
  }
  if (takenVariables.has(workflowTypeOf(name))) {
    throw misused(`"${name}" means something else in code`, 'give a longer name');
  }
}

/** Throws a complaint for a name that no second alert would have, or that no line of code could hold. */
export function requireAlertname(alertname: string): void {
  const fix = 'give it a short name that stays the same, at its sender';
  if (!/\S/.test(alertname) || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(alertname)) {
    throw misused(`${JSON.stringify(alertname)} is no alert name`, fix);
  }
  if (literalOf(alertname).length > literalMax) {
    throw misused(`the alert's name has more than ${literalMax} characters`, fix);
  }
  if (/\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d{10,}/.test(alertname)) {
    throw misused(`the alert's name holds a moment or an id: "${alertname}"`, fix);
  }
}

/** `HighLatency` becomes `high-latency`, `CPU > 90% on db` becomes `cpu-90-on-db`. Throws where nothing is left. */
export function nameFrom(alertname: string): string {
  const all = alertname
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !notOurWords.has(word));
  if (all.length === 0) {
    throw misused(`no runbook name can be made of "${alertname}"`, 'give one before --from-alert');
  }
  const isOne = all.length === 1;
  const words = /^\d/.test(all[0] ?? '') || isOne ? ['alert', ...all] : all;
  return withinWidth(words);
}

/** As many whole words as there is room for. */
function withinWidth(words: readonly string[]): string {
  const tooMany = words.findIndex(
    (_, index) => words.slice(0, index + 1).join('-').length > madeNameMax,
  );
  const kept = tooMany === -1 ? words : words.slice(0, Math.max(1, tooMany));
  return kept.join('-').slice(0, madeNameMax);
}

/** The alert's name, and as many more labels as it takes to be told from what other runbooks handle. Throws where none does. */
export function matcherFor(
  alert: Pick<Alert, 'name' | 'labels'>,
  others: readonly Routable[],
): Matcher {
  const entries = others.flatMap(({ meta }) =>
    meta.handles.map((entry): Theirs => ({ runbook: meta.name, entry })),
  );
  return entries.reduce<Matcher>(
    (matcher, theirs) =>
      overlap(matcher, theirs) ? { ...matcher, ...difference(alert, theirs) } : matcher,
    { alertname: alert.name },
  );
}

function overlap(matcher: Matcher, { runbook, entry }: Theirs): boolean {
  const ours = { meta: { name: '', handles: [matcher] } };
  return overlaps([ours, { meta: { name: runbook, handles: [entry] } }]).length > 0;
}

interface Theirs {
  readonly runbook: string;
  readonly entry: Matcher;
}

/** A label that the alert has with another value than the entry asks for. Throws a complaint when there is none. */
function difference({ labels }: Pick<Alert, 'labels'>, { runbook, entry }: Theirs): Matcher {
  const asked = Object.entries(entry).filter(([label]) => label !== 'alertname');
  const missing = asked.filter(([label]) => !Object.hasOwn(labels, label));
  const found = asked.find(([label, value]) => {
    const own = labels[label];
    return own !== undefined && own !== value && literalOf(own).length <= literalMax;
  });
  if (found !== undefined) return { [found[0]]: labels[found[0]] ?? '' };
  if (missing.length === 0) {
    throw refused(`${runbook} takes such alerts already`, 'change it, or rename the alert');
  }
  const names = missing.map(([label]) => label).join(', ');
  throw refused(
    `the alert cannot be told from those of ${runbook}: it has no label ${names}`,
    'give its rule one',
  );
}
