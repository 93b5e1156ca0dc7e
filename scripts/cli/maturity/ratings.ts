/** Rates runbooks and the layers beneath: what is measured first, what people answered next, and no where nobody did. Pure. */
import { partPassed, type RecordedDrill } from '../../../activities/store/trust/drills.js';
import type { MeasuredLayers, MeasuredRunbook } from '../../../activities/store/trust/measured.js';
import { layers, questions, type Answers, type Layer, type Question } from './answers.js';

export interface Rating {
  readonly name: string;
  readonly question: string;
  /** 0 no, 0.5 partly, 1 yes. */
  readonly rate: number;
  readonly by: 'measured' | 'people' | 'nobody';
  readonly says: string;
}

export interface Looked {
  readonly answers: Answers;
  readonly drills: ReadonlyMap<string, RecordedDrill>;
  readonly measured: ReadonlyMap<string, MeasuredRunbook>;
  readonly layers: MeasuredLayers;
  /** Every service policy names. */
  readonly services: readonly string[];
  /** Runbooks with a story or a test of their own in the repository. */
  readonly tested: readonly string[];
  readonly nowMs: number;
}

type Measure = readonly [rate: number, says: string] | undefined;

const drillMaxMs = 30 * 86_400_000;

/** In the order of the questions. */
export function rateRunbook(runbook: string, looked: Looked): Rating[] {
  const told = looked.answers.runbooks[runbook] ?? {};
  return Object.entries(questions).map(([name, question]) => {
    const measure = measureOf(name as Question, { runbook, looked });
    return rated({ name, question }, measure, told[name as Question]);
  });
}

interface Of {
  readonly runbook: string;
  readonly looked: Looked;
}

function measureOf(question: Question, { runbook, looked }: Of): Measure {
  const runs = looked.measured.get(runbook);
  if (question === 'idempotent') return triedOf({ runbook, looked });
  if (question === 'structured')
    return [1, 'alert, observations and proposal are typed, and the plan is hashed'];
  if (runs === undefined) return undefined;
  switch (question) {
    case 'detection':
      return share(runs.byAlert, runs.runs, 'runs were begun by an alert');
    case 'remediation':
      return runs.acted === 0
        ? undefined
        : share(runs.resolved, runs.acted, 'runs that acted were seen to help');
    case 'decision':
      return runs.acted === 0
        ? undefined
        : share(runs.alone, runs.acted, 'runs that acted asked nobody');
    case 'audited':
      return runs.acted === 0
        ? undefined
        : share(runs.accounted, runs.acted, 'runs account for every intent');
    case 'diagnosis':
    case 'governed':
      return undefined;
  }
}

function triedOf({ runbook, looked: { drills, tested, nowMs } }: Of): Measure {
  const drill = drills.get(runbook);
  const fresh = drill !== undefined && nowMs - drill.at.getTime() < drillMaxMs;
  const drilled = fresh && partPassed(drill, 'fault') && partPassed(drill, 'undo');
  const hasTest = tested.includes(runbook);
  const says = `${hasTest ? 'a story' : 'no story'} in the tests; ${drilled ? 'drilled within 30 days' : 'not drilled within 30 days'}`;
  return [(hasTest ? 0.5 : 0) + (drilled ? 0.5 : 0), says];
}

/** The lowest of them is the ceiling of everything above. */
export function rateLayers(looked: Looked): Rating[] {
  const { layers: seen, services, answers } = looked;
  const heard = services.filter((service) => seen.heard.includes(service)).length;
  const names = seen.matchedNames + seen.unmatchedNames;
  const measured: Partial<Record<Layer, Measure>> = {
    observability:
      heard === 0 ? undefined : share(heard, services.length, 'services were heard of in 30 days'),
    coverage:
      names === 0 ? undefined : share(seen.matchedNames, names, 'kinds of alert found a runbook'),
    oversight:
      seen.notices === 0 ? undefined : share(seen.delivered, seen.notices, 'notices arrived'),
  };
  return Object.entries(layers).map(([name, question]) => {
    const told = answers.layers[name as Layer];
    const rating = rated({ name, question }, measured[name as Layer], told);
    const people = told === undefined ? 1 : rateOf[told.answer];
    if (rating.by !== 'measured' || people >= rating.rate) return rating;
    return {
      ...rating,
      rate: people,
      says: `${rating.says}; people say ${told?.answer ?? ''}: ${told?.how ?? ''}`,
    };
  });
}

const rateOf = { yes: 1, partly: 0.5, no: 0 } as const;

function rated(
  { name, question }: Pick<Rating, 'name' | 'question'>,
  measure: Measure,
  told: Answers['layers'][Layer],
): Rating {
  if (measure !== undefined) {
    return { name, question, rate: measure[0], by: 'measured', says: measure[1] };
  }
  if (told === undefined)
    return { name, question, rate: 0, by: 'nobody', says: 'nobody has answered' };
  return {
    name,
    question,
    rate: rateOf[told.answer],
    by: 'people',
    says: `${told.answer}: ${told.how}`,
  };
}

function share(part: number, whole: number, says: string): Measure {
  return [whole === 0 ? 0 : part / whole, `${part} of ${whole} ${says}`];
}

/** The weakest, the first of equals. */
export function weakest(ratings: readonly Rating[]): Rating | undefined {
  return ratings.toSorted((a, b) => a.rate - b.rate)[0];
}
