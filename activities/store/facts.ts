/**
 * Reads what the gates must know from the database. What cannot be read comes back as such, with the reason: never as
 * an empty list. Takes and changes nothing.
 */
import { sql } from 'kysely';
import { targetsOf } from '../../workflows/domain/plan.js';
import { Failure, messageOf } from '../../workflows/domain/failure.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { Lease, Quarantine, StopOrder } from '../../workflows/gates/gate.js';
import type { JudgeInput } from '../../workflows/store.js';
import type { GuardTerms } from '../guards/source.js';
import type { Db } from './db.js';
import { countingFor } from './guards/counting.js';
import { guardFactsOf } from './guards/guard-facts.js';
import type { GuardReading } from './guards/reading.js';
import { wantedOf, type Wanted } from './guards/wanted.js';
import type { StoredFacts } from './judgement.js';
import { isPassing } from './pg-error.js';
import { pgText } from './pg-json.js';
import { scopesOf } from './scope.js';
import { ceilingsOf, type Ceiling, type CeilingsAsked } from './trust/ceiling.js';

export interface Asked extends CeilingsAsked {
  readonly run: string;
  readonly targets: readonly string[];
  readonly scopes: readonly string[];
  readonly input: JudgeInput;
  /** What the guards count, or why that is not known. */
  readonly wanted: Known<Wanted>;
}

/** What a judgement needs to know of the store. */
export function askedOf(input: JudgeInput, terms: Known<GuardTerms>): Asked {
  return {
    input,
    wanted: terms.known ? known(wantedOf(input, terms.value)) : terms,
    run: pgText(input.run),
    targets: targetsOf(input.proposal).map(pgText),
    scopes: scopesOf(input, input.proposal.steps).map(pgText),
    classes: [...new Set(input.proposal.steps.map((step) => pgText(step.actionClass)))],
    environment: pgText(input.alert.environment),
  };
}

/** Nothing is admitted for the run any more: a worker that was slow, or that tells it again, is not let in. */
export class RunOver extends Failure {
  constructor(run: string) {
    super('failed', `run ${run} is closed or has its outcome: nothing is admitted for it any more`);
  }
}

const stopsOf = ({ scopes }: Asked) => sql<readonly StopOrder[]>`(
  SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'by', by, 'why', why)
    ORDER BY array_position(${scopes}::text[], scope)), '[]')
  FROM switches WHERE scope = ANY(${scopes}::text[]))`;

const quarantinedOf = ({ targets }: Asked) => sql<readonly Quarantine[]>`(
  SELECT coalesce(jsonb_agg(jsonb_build_object('target', target, 'run', run, 'why', why) ORDER BY target), '[]')
  FROM quarantine WHERE target = ANY(${targets}::text[]))`;

const leasesOf = ({ targets, run }: Asked) => sql<readonly Lease[]>`(
  SELECT coalesce(jsonb_agg(jsonb_build_object('target', target, 'holder', holder) ORDER BY target), '[]')
  FROM leases WHERE target = ANY(${targets}::text[]) AND holder <> ${run})`;

const countedOf = ({ wanted }: Asked) =>
  wanted.known ? countingFor(wanted.value) : sql<GuardReading | null>`NULL::jsonb`;

/** The run has its outcome, and it is not a resolved one that may still be taken back. */
export const isOver = (run: string) => sql<boolean>`EXISTS (
  SELECT FROM runs WHERE run = ${run} AND (state = 'closed' OR outcome <> 'resolved'))`;

/** What was read in one go; `counted` is null where the guards' rules are not known. */
export interface ReadFacts {
  readonly stored: StoredFacts;
  readonly counted: GuardReading | null;
}

/** In one statement; throws when any of them cannot be read, and a RunOver for a run that may not act any more. */
export async function readFacts(db: Db, asked: Asked): Promise<ReadFacts> {
  const { rows } = await sql<{
    stops: readonly StopOrder[];
    quarantined: readonly Quarantine[];
    leases: readonly Lease[];
    counted: GuardReading | null;
    ceilings: readonly Ceiling[];
    over: boolean;
  }>`
    SELECT ${stopsOf(asked)} AS stops, ${quarantinedOf(asked)} AS quarantined, ${leasesOf(asked)} AS leases,
      ${countedOf(asked)} AS counted, ${ceilingsOf(asked)} AS ceilings,
      ${isOver(asked.run)} AS over`.execute(db);
  const row = rows[0];
  if (row?.over === true) throw new RunOver(asked.run);
  if (row === undefined) throw new Error('the facts came back empty');
  const stored = {
    stops: known(row.stops),
    quarantined: known(row.quarantined),
    leases: known(row.leases),
    guards: guardsBy(asked, row.counted === null ? unasked : known(row.counted)),
    ceilings: known(row.ceilings),
  };
  return { stored, counted: row.counted };
}

/** Never looked at: where the rules are not known, that is what the guards' facts say. */
const unasked: Known<GuardReading> = { known: false, why: 'nothing was counted' };

function guardsBy({ input, wanted }: Asked, reading: Known<GuardReading>): StoredFacts['guards'] {
  return guardFactsOf(input, { wanted, reading });
}

/**
 * One by one, so that one that cannot be read does not hide the others. Throws only what passes by itself, such as a lost
 * connection: that is worth another attempt before it is a no.
 */
export async function readFactsApart(db: Db, asked: Asked): Promise<StoredFacts> {
  const [stops, quarantined, leases, counted, ceilings] = await Promise.all([
    readOne(() =>
      sql<{ fact: readonly StopOrder[] }>`SELECT ${stopsOf(asked)} AS fact`.execute(db),
    ),
    readOne(() =>
      sql<{ fact: readonly Quarantine[] }>`SELECT ${quarantinedOf(asked)} AS fact`.execute(db),
    ),
    readOne(() => sql<{ fact: readonly Lease[] }>`SELECT ${leasesOf(asked)} AS fact`.execute(db)),
    readCounts(db, asked),
    readOne(() =>
      sql<{ fact: readonly Ceiling[] }>`SELECT ${ceilingsOf(asked)} AS fact`.execute(db),
    ),
  ]);
  return { stops, quarantined, leases, guards: guardsBy(asked, counted), ceilings };
}

async function readCounts(db: Db, { wanted }: Asked): Promise<Known<GuardReading>> {
  if (!wanted.known) return unasked;
  const counting = countingFor(wanted.value);
  return readOne(() => sql<{ fact: GuardReading }>`SELECT ${counting} AS fact`.execute(db));
}

async function readOne<Fact>(
  read: () => Promise<{ rows: { fact: Fact }[] }>,
): Promise<Known<Fact>> {
  try {
    const [row] = (await read()).rows;
    return row === undefined ? { known: false, why: 'no answer' } : known(row.fact);
  } catch (error) {
    if (isPassing(error)) throw error;
    return { known: false, why: messageOf(error) };
  }
}

/** Every fact could be read. */
export function allKnown({ stops, quarantined, leases, guards, ceilings }: StoredFacts): boolean {
  const kept = stops.known && quarantined.known && leases.known && ceilings.known;
  return kept && guards.recurring.known;
}
