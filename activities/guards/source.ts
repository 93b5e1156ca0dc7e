/**
 * What the guards go by, for one run: rules, its service's place in the fleet, what calendars say, what is left of the error
 * budget. Each from its file or its source, each known or not. Counts nothing: that is the store's.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { messageOf } from '../../workflows/domain/failure.js';
import { matches } from '../../workflows/domain/pattern.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { ErrorBudgetFact, Freeze } from '../../workflows/gates/guard-facts.js';
import { parseCalendar, type Calendar } from './calendar.js';
import type { ErrorBudgets } from './error-budget.js';
import { fleetSchema, placeOf, unknownFleet, type Fleet, type Place } from './fleet.js';
import { defaultRules, noRules, rulesSchema, type GuardRules } from './rules.js';
import { watchFile, type Watched } from './watched-file.js';
import { parseYaml } from './yaml.js';

/** Whom the guards are asked about. */
export interface GuardQuestion {
  readonly service: string;
  /** Everything that covers the run; see activities/store/scope.ts. */
  readonly scopes: readonly string[];
  readonly nowMs: number;
}

/** What holds for one run. */
export interface GuardTerms {
  readonly rules: GuardRules;
  readonly place: Place;
  readonly frozen: Known<readonly Freeze[]>;
  readonly errorBudget: Known<ErrorBudgetFact | null>;
}

/** Neither method ever rejects: what cannot be read is `known: false`. */
export interface Guards {
  ask(question: GuardQuestion): Promise<Known<GuardTerms>>;
  /** What is wrong with the files as they are now, each with its line. */
  problems(): Promise<readonly string[]>;
}

export interface GuardFiles {
  /** policies/guards.yaml; without it the defaults hold, unless it is required. */
  readonly rulesPath: string;
  /** policies/fleet.yaml; without it nothing is known of any service's place, unless it is required. */
  readonly fleetPath: string;
  /** Files a person named must be there. */
  readonly required?: readonly ('rules' | 'fleet')[];
  readonly errorBudgets: ErrorBudgets;
}

/** Guards by files that are read again when they change. */
export function createGuards(files: GuardFiles): Guards {
  const required = files.required ?? [];
  const rules = watchFile({
    path: files.rulesPath,
    parse: (text) => parseYaml(text, files.rulesPath, rulesSchema),
    ...(required.includes('rules') ? {} : { absent: defaultRules }),
  });
  const fleet = watchFile({
    path: files.fleetPath,
    parse: (text) => parseYaml(text, files.fleetPath, fleetSchema),
    ...(required.includes('fleet') ? {} : { absent: unknownFleet }),
  });
  const calendars = new Calendars(dirname(files.rulesPath));
  return {
    async ask(question) {
      const [byRules, byFleet] = await Promise.all([rules(), fleet()]);
      if (!byRules.value.known) return byRules.value;
      if (!byFleet.value.known) return byFleet.value;
      const held = byRules.value.value;
      const place = placeOf(byFleet.value.value, question.service);
      const [frozen, errorBudget] = await Promise.all([
        frozenBy(calendars, held, within(question, place)),
        errorBudgetBy(files.errorBudgets, held, question),
      ]);
      return known({ rules: held, place, frozen, errorBudget });
    },
    async problems() {
      const [byRules, byFleet] = await Promise.all([rules(), fleet()]);
      const named = byRules.value.known ? byRules.value.value.frozen : null;
      const read = await Promise.all(named === null ? [] : calendars.read(named));
      return [byRules, byFleet, ...read].flatMap(({ problem }) => problem ?? []);
    },
  };
}

/** Guards by what is there already; the simulator and tests have no files. */
export function createGuardsOf(given: {
  readonly rules: GuardRules;
  readonly fleet?: Fleet;
  readonly calendars?: readonly { readonly name: string; readonly calendar: Calendar }[];
  readonly errorBudgets?: ErrorBudgets;
}): Guards {
  const { rules, fleet = unknownFleet, calendars = [], errorBudgets = noErrorBudgets } = given;
  return {
    async ask(question) {
      const errorBudget = await errorBudgetBy(errorBudgets, rules, question);
      const place = placeOf(fleet, question.service);
      const frozen = known(freezesOf(calendars, within(question, place)));
      return known({ rules, place, frozen, errorBudget });
    },
    problems: () => Promise.resolve([]),
  };
}

/** A zone covers the runs of its services too. */
function within(question: GuardQuestion, { zone }: Place): GuardQuestion {
  return zone === null ? question : { ...question, scopes: [...question.scopes, `zone:${zone}`] };
}

/** Nobody can say what is left. */
export const noErrorBudgets: ErrorBudgets = {
  leftOf: () => Promise.resolve({ known: false, why: 'no source of error budgets is set' }),
};

type Named = NonNullable<GuardRules['frozen']>;

/** The calendar files the rules name, each watched by itself. */
class Calendars {
  private readonly watched = new Map<string, () => Promise<Watched<Calendar>>>();

  constructor(private readonly folder: string) {}

  read({ calendars, timeZone }: Named): Promise<Watched<Calendar>>[] {
    return calendars.map((name) => this.fileOf(name, timeZone)());
  }

  private fileOf(name: string, timeZone: string): () => Promise<Watched<Calendar>> {
    const path = isAbsolute(name) ? name : join(this.folder, name);
    const key = `${timeZone}/${path}`;
    const file =
      this.watched.get(key) ??
      watchFile({ path, parse: (text) => parseCalendar(text, path, { timeZone }) });
    this.watched.set(key, file);
    return file;
  }
}

async function frozenBy(
  calendars: Calendars,
  { frozen }: GuardRules,
  question: GuardQuestion,
): Promise<Known<readonly Freeze[]>> {
  if (frozen === null) return known([]);
  const read = await Promise.all(calendars.read(frozen));
  const good: { name: string; calendar: Calendar }[] = [];
  for (const [at, { value }] of read.entries()) {
    if (!value.known) return value;
    good.push({ name: frozen.calendars[at] ?? '', calendar: value.value });
  }
  try {
    return known(freezesOf(good, question));
  } catch (error) {
    return { known: false, why: messageOf(error) };
  }
}

/** A freeze before a day without automation: it is the stricter. */
function freezesOf(
  calendars: readonly { readonly name: string; readonly calendar: Calendar }[],
  { nowMs, scopes }: GuardQuestion,
): Freeze[] {
  const found = calendars.flatMap(({ name, calendar }) =>
    calendar
      .at(nowMs)
      .filter((time) => time.scopes.some((scope) => scopes.includes(scope)))
      .map(({ kind, says, untilMs }): Freeze => ({ kind, says, calendar: name, untilMs })),
  );
  return found.toSorted((a, b) => (a.kind === b.kind ? b.untilMs - a.untilMs : orderOf(a)));
}

function orderOf({ kind }: Freeze): number {
  return kind === 'freeze' ? -1 : 1;
}

async function errorBudgetBy(
  budgets: ErrorBudgets,
  { errorBudget }: GuardRules,
  { service, nowMs }: GuardQuestion,
): Promise<Known<ErrorBudgetFact | null>> {
  if (errorBudget === null) return known(null);
  if (!errorBudget.services.some((pattern) => matches(pattern, service))) return known(null);
  const figure = await budgets.leftOf(service, errorBudget);
  if (!figure.known) return figure;
  const { left, atMs } = figure.value;
  const { leftMin, maxAge } = errorBudget;
  return known({ left, leftMin, ageMs: Math.max(0, nowMs - atMs), ageMsMax: maxAge });
}

/** Counts nothing and forbids nothing: for what is about something else. */
export const noGuards: Guards = createGuardsOf({ rules: noRules });
