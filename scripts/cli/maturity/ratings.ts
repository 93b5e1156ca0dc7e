/** Rates each runbook by the practical questions: what is measured, what people answered, and no where nobody did. Pure. */
import { partPassed, type RecordedDrill } from '../../../activities/store/trust/drills.js';
import type { MeasuredLayers, MeasuredRunbook } from '../../../activities/store/trust/measured.js';
import { questions, type Answers, type Layer, type Question } from './answers.js';

export interface Rating {
  readonly name: string;
  readonly question: string;
  /** 0 no, 1 yes, and what lies between: partly. */
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

/** Undefined where there is nothing to measure. */
export type Measure = readonly [rate: number, says: string] | undefined;
export type Told = Answers['layers'][Layer];

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
  if (runs === undefined) return undefined;
  const { byAlert, proposed, structured, acted, resolved, alone, accounted, governed } = runs;
  switch (question) {
    case 'detection':
      return share(byAlert, runs.runs, 'runs were begun by an alert');
    case 'structured':
      return share(structured, proposed, 'plans name service and state before each step');
    case 'remediation':
      return share(resolved, acted, 'runs that acted were seen to help');
    case 'decision':
      return share(alone, acted, 'runs that acted asked nobody');
    case 'audited':
      return share(accounted, acted, 'runs that acted account for every intent');
    case 'governed':
      return share(governed, acted, 'runs that acted name the policy and the code they went by');
    case 'diagnosis':
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

/** By what was measured, and no better than people say; where nothing was measured, by what they say. */
export function rated(
  { name, question }: Pick<Rating, 'name' | 'question'>,
  measure: Measure,
  told: Told,
): Rating {
  const about = { name, question };
  const said = told === undefined ? undefined : `${told.answer}: ${told.how}`;
  if (measure === undefined) {
    if (told === undefined) return { ...about, rate: 0, by: 'nobody', says: 'nobody has answered' };
    return { ...about, rate: rateOf[told.answer], by: 'people', says: said ?? '' };
  }
  const [rate, says] = measure;
  if (told === undefined || rateOf[told.answer] >= rate)
    return { ...about, rate, by: 'measured', says };
  return {
    ...about,
    rate: rateOf[told.answer],
    by: 'people',
    says: `${says}; people say ${said ?? ''}`,
  };
}

export const rateOf = { yes: 1, partly: 0.5, no: 0 } as const;

/** Undefined where the whole is nothing. */
export function share(part: number, whole: number, says: string): Measure {
  return whole === 0 ? undefined : [part / whole, `${part} of ${whole} ${says}`];
}

/** The weakest, the first of equals. */
export function weakest(ratings: readonly Rating[]): Rating | undefined {
  return ratings.toSorted((a, b) => a.rate - b.rate)[0];
}
