/**
 * Every fact a policy may ask about, with its kind, range and words; the Cedar schema is written from this list.
 * A fact that is not known is absent, never a default: a policy that needs it then permits nothing.
 */
import { tiers } from '../../workflows/domain/entry.js';
import { limits } from '../../workflows/domain/limits.js';
import { known, type Known } from '../../workflows/domain/verdict.js';

interface NumberKind {
  readonly kind: 'number';
  readonly min: number;
  readonly max: number;
  readonly unit: string;
}
interface TextKind {
  readonly kind: 'text';
  /** Any text when left out. */
  readonly oneOf?: readonly string[];
}
interface TruthKind {
  readonly kind: 'truth';
}
type Kind = (NumberKind | TextKind | TruthKind) & {
  /** As it stands in a sentence: `<says> is at least 80 %`. */
  readonly says: string;
};

const number = (says: string, [min, max]: readonly [number, number], unit = '') =>
  ({ kind: 'number', min, max, unit, says }) as const;
const truth = (says: string) => ({ kind: 'truth', says }) as const;
const percent = [0, 100] as const;
const levels = [1, 5] as const;

/** Known for every question: they come from the proposal and from services.yaml. */
export const alwaysKnown = {
  level: number('the level asked for', levels),
  actionClass: { kind: 'text', says: 'the class of the action' },
  tier: { kind: 'text', oneOf: tiers, says: 'the tier' },
  environment: { kind: 'text', says: 'the environment' },
  ceiling: number('the ceiling that services.yaml sets', levels),
  approvalsMin: number('the number of approvers', [1, 5]),
  reversible: truth('the step can be taken back'),
  excepted: truth('the runbook is excepted by name in approved.yaml'),
  targets: number('the number of targets', [0, limits.stepsMax]),
} as const satisfies Record<string, Kind>;

/** Known when somebody measured them; otherwise absent. */
export const maybeKnown = {
  hour: number('the hour of the day (UTC)', [0, 23]),
  weekday: number('the day of the week (Monday is 1)', [1, 7]),
  stopped: truth('the switch is off for this scope'),
  frozen: truth('a change freeze is in force'),
  confidence: number('the confidence', percent, ' %'),
  recurrence: number('the recoveries of the service in the last hour', [0, 10_000]),
  errorBudget: number('the error budget left', percent, ' %'),
  trust: number('the ceiling from the track record', levels),
  targetShare: number('the share of the service that is touched', percent, ' %'),
  healthyAfter: number('the share that stays healthy', percent, ' %'),
  telemetryAge: number('the age of the telemetry', [0, 86_400], ' s'),
  approved: truth('the resource is within the approved lists'),
} as const satisfies Record<string, Kind>;

export const facts = { ...alwaysKnown, ...maybeKnown } as const;
export type FactName = keyof typeof facts;
export type MaybeKnownName = keyof typeof maybeKnown;
type AlwaysKnownName = keyof typeof alwaysKnown;
export const factNames = Object.keys(facts) as readonly FactName[];

/** A fact's kind, with no more told of it than every fact has. */
export function kindOf(name: FactName): Kind {
  return facts[name];
}

/** True for a fact that a policy must ask for with `context has` first. */
export function mayBeAbsent(name: FactName): boolean {
  return Object.hasOwn(maybeKnown, name);
}

/** A fact's name, or undefined: names come from files. */
export function factNamed(text: string): FactName | undefined {
  return Object.hasOwn(facts, text) ? (text as FactName) : undefined;
}

type ValueOf<Of extends { readonly kind: string }> = Of extends { kind: 'number' }
  ? number
  : Of extends { kind: 'truth' }
    ? boolean
    : string;
export type FactValue = number | string | boolean;

/** What was measured, by whoever measures it; what is missing here is as unknown as what says so. */
export type PolicyFacts = {
  readonly [Name in Exclude<MaybeKnownName, 'approved'>]?: Known<
    ValueOf<(typeof maybeKnown)[Name]>
  >;
};

/** The facts of one question as every evaluator gets them: what is not known has no key. */
export type Facts = {
  readonly [Name in Exclude<AlwaysKnownName, 'level'>]: ValueOf<(typeof alwaysKnown)[Name]>;
} & Readonly<Partial<Record<MaybeKnownName, FactValue>>>;

/** The facts of a question at one level. */
export type Situation = Facts & { readonly level: number };

/** Whether a value may stand for the fact: the right kind, and a whole number within its range. */
export function fits(name: FactName, value: unknown): value is FactValue {
  const kind = kindOf(name);
  if (kind.kind === 'truth') return typeof value === 'boolean';
  if (kind.kind === 'text') {
    return typeof value === 'string' && (kind.oneOf?.includes(value) ?? true);
  }
  return Number.isInteger(value) && Number(value) >= kind.min && Number(value) <= kind.max;
}

export interface Measured {
  readonly known: Partial<Record<MaybeKnownName, FactValue>>;
  readonly unknown: Partial<Record<MaybeKnownName, string>>;
}

/** Split into what is known, and why the rest is not. A value out of its range is not known. */
export function split(facts: PolicyFacts): Measured {
  const known: Partial<Record<MaybeKnownName, FactValue>> = {};
  const unknown: Partial<Record<MaybeKnownName, string>> = {};
  for (const [key, fact] of Object.entries(facts)) {
    const name = factNamed(key);
    if (name === undefined || !isMeasured(name)) continue;
    if (!fact.known) unknown[name] = fact.why;
    else if (fits(name, fact.value)) known[name] = fact.value;
    else unknown[name] = `${String(fact.value)} is out of its range`;
  }
  return { known, unknown };
}

/** Not `approved`: that is judged here, from the lists. */
function isMeasured(name: FactName): name is MaybeKnownName {
  return mayBeAbsent(name) && name !== 'approved';
}

/** The hour and the day of the week, in UTC. */
export function clockFacts(nowMs: number): PolicyFacts {
  const now = new Date(nowMs);
  return { hour: known(now.getUTCHours()), weekday: known(now.getUTCDay() || 7) };
}

/** The Cedar schema of these facts: `policies/belay.cedarschema` holds exactly this. */
export function schemaText(): string {
  const cedar = { number: 'Long', text: 'String', truth: 'Bool' } as const;
  const line = (name: FactName): string => {
    const { kind, says } = kindOf(name);
    return `    // ${says}\n    ${name}${mayBeAbsent(name) ? '?' : ''}: ${cedar[kind]},`;
  };
  return [
    '// What policies may ask about. Written by `belay policy schema`; a fact with ? may be unknown: ask `context has` first.',
    'entity Runbook;',
    'entity Service;',
    'action "act" appliesTo {',
    '  principal: Runbook,',
    '  resource: Service,',
    '  context: {',
    ...factNames.map(line),
    '  }',
    '};',
    '',
  ].join('\n');
}
