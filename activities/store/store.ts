/**
 * The engine's store on PostgreSQL: the ledger, and the calls that the replayed half declares in workflows/store.ts.
 * Throws what the database throws: whoever calls retries. It never answers yes to what it could not read.
 */
import type { Notice } from '../../workflows/domain/entry.js';
import type { Outcome } from '../../workflows/domain/outcome.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { StopOrder } from '../../workflows/gates/gate.js';
import type { Judgement, JudgeInput, Pages, RecordInput, RunRef } from '../../workflows/store.js';
import type { Guards } from '../guards/source.js';
import { admitInOneTransaction } from './admission.js';
import { createBatcher, type Batcher } from './batch.js';
import type { Db } from './db.js';
import { noticeIdOf } from './entry-id.js';
import { allKnown, askedOf, readFacts, readFactsApart, RunOver, type Asked } from './facts.js';
import { changedStorms } from './guards/guard-facts.js';
import { writeStorms } from './guards/storm-stands.js';
import { decisionPages, judge, loweredPages, type StoredFacts } from './judgement.js';
import { telemetryFactsOf } from './telemetry-facts.js';
import { lineOf, type Line, type Writer } from './line.js';
import type { NoticeRow, Writing } from './pages.js';
import { isItemFault } from './pg-error.js';
import { writeAndLearn } from './trust/learn.js';
import type { Policy } from './policy.js';
import { weighed } from './policy-facts.js';
import { scopesOf } from './scope.js';

export interface StoreOptions {
  readonly db: Db;
  readonly policy: Policy;
  /** What the guards go by: `noGuards` where nothing is to be counted. */
  readonly guards: Guards;
  /** Of the runbook's code, for its ledger lines. */
  digestOf(runbook: string): string;
  /** Stops that stand elsewhere than in the database; none when left out. */
  alsoStopped?(): Known<readonly StopOrder[]>;
}

export interface Store {
  record(input: RecordInput): Promise<Outcome | null>;
  consider(input: JudgeInput): Promise<Judgement>;
  admit(input: JudgeInput): Promise<Judgement>;
  /** Resolves once every record that was begun is written or refused. */
  drained(): Promise<void>;
}

/** Lines of a burst go in together; more than this and the statement's own size begins to cost. */
const recordsPerFlushMax = 200;
/** Far more than the short calls one worker runs at once. */
const recordsPendingMax = 20_000;

export function createStore(options: StoreOptions): Store {
  const pen = createBatcher<RecordInput, Outcome | null>({
    itemsMax: recordsPerFlushMax,
    pendingMax: recordsPendingMax,
    blames: isItemFault,
    flush: (inputs) => flush(options, inputs),
  });
  return {
    record: (input) => pen.add(input),
    consider: (input) => consider(options, pen, input),
    admit: (input) => admit(options, pen, input),
    drained: () => pen.drained(),
  };
}

async function flush(
  options: StoreOptions,
  inputs: readonly RecordInput[],
): Promise<(Outcome | null)[]> {
  const tierOf = await tiersOf(options.policy, inputs);
  const writings = inputs.map((input) => writingOf(input, writerFor(options, input, tierOf)));
  const standing = await writeAndLearn(options.db, joined(writings));
  return inputs.map(({ run, entries }) => {
    const concludes = entries.some(({ kind }) => kind === 'outcome');
    const stands = concludes ? standing.find((outcome) => outcome.run === run) : undefined;
    return stands ? { kind: stands.kind, reason: stands.reason, why: stands.why } : null;
  });
}

/** The pages neither change a fact nor depend on one, so both go at once; an answer comes only when both are done. */
async function consider(options: StoreOptions, pen: Pen, input: JudgeInput): Promise<Judgement> {
  const { db, policy, guards } = options;
  const asked = askedOf(input, await guards.ask(guardQuestionOf(input)));
  const [stored, answer] = await Promise.all([
    factsFor(db, asked),
    policy.ask(questionOf(input)),
    writeBare(pen, input),
  ]);
  const alsoStopped = stopsBeside(options);
  const heard = weighed(asked, { stored, policy: answer, alsoStopped });
  const lowered = loweredPages(input, heard);
  if (lowered.entries.length > 0) await pen.add({ ...refOf(input), ...lowered });
  return judge(input, heard);
}

/** A storm that begins or ends is written down by whoever sees it first. */
async function factsFor(db: Db, asked: Asked): Promise<StoredFacts> {
  const read = await readFacts(db, asked).catch((error: unknown) => {
    if (error instanceof RunOver) throw error;
    return undefined;
  });
  if (read === undefined) return readFactsApart(db, asked);
  const { stored, counted } = read;
  const { wanted } = asked;
  const turned = wanted.known && counted !== null ? changedStorms(wanted.value, counted) : [];
  if (turned.length > 0) await db.transaction().execute((own) => writeStorms(own, turned));
  return stored;
}

async function admit(options: StoreOptions, pen: Pen, input: JudgeInput): Promise<Judgement> {
  const { db, policy } = options;
  const [answer, terms, tierOf] = await Promise.all([
    policy.ask(questionOf(input)),
    options.guards.ask(guardQuestionOf(input)),
    tiersOf(policy, [input]),
  ]);
  const writer = writerFor(options, input, tierOf);
  const withDecision = ({ entries, notices }: Pages): Writing => {
    const all = {
      entries: [...input.entries, ...entries],
      notices: [...input.notices, ...notices],
    };
    return writingOf({ ...refOf(input), ...all }, writer);
  };
  try {
    const alsoStopped = stopsBeside(options);
    return await admitInOneTransaction(db, {
      input,
      policy: answer,
      guards: terms,
      alsoStopped,
      writingOf: withDecision,
    });
  } catch (error) {
    if (error instanceof RunOver) throw error;
    return refuseUnread(error, { options, pen, input });
  }
}

/** The transaction failed. When it was for a fact that cannot be read, that is an answer: no. Anything else is thrown. */
async function refuseUnread(
  error: unknown,
  {
    options,
    pen,
    input,
  }: { readonly options: StoreOptions; readonly pen: Pen; readonly input: JudgeInput },
): Promise<Judgement> {
  const asked = askedOf(input, await options.guards.ask(guardQuestionOf(input)));
  const [stored, policy] = await Promise.all([
    readFactsApart(options.db, asked),
    options.policy.ask(questionOf(input)),
  ]);
  if (allKnown(stored)) throw error;
  const heard = weighed(asked, { stored, policy, alsoStopped: stopsBeside(options) });
  const judgement = judge(input, heard);
  await writeBare(pen, input);
  await pen.add({
    ...refOf(input),
    ...decisionPages(input, judgement, heard),
  });
  return judgement;
}

function stopsBeside({ alsoStopped }: StoreOptions): Known<readonly StopOrder[]> {
  return alsoStopped?.() ?? known([]);
}

type Pen = Batcher<RecordInput, Outcome | null>;

async function writeBare(pen: Pen, input: JudgeInput): Promise<void> {
  const { entries, notices } = input;
  if (entries.length + notices.length > 0) await pen.add({ ...refOf(input), entries, notices });
}

function refOf({ run, runbook, alert, trigger }: RunRef): RunRef {
  return { run, runbook, alert, trigger };
}

function questionOf({ runbook, alert, proposal, nowMs }: JudgeInput) {
  const facts = telemetryFactsOf(proposal);
  return { runbook, alert, steps: proposal.steps, nowMs, facts };
}

function guardQuestionOf({ runbook, alert, proposal, nowMs }: JudgeInput) {
  const scopes = scopesOf({ runbook, alert }, proposal.steps);
  return { service: alert.service, scopes, nowMs };
}

type TierOf = ReadonlyMap<string, Writer['tier']>;

async function tiersOf(policy: Policy, refs: readonly RunRef[]): Promise<TierOf> {
  const services = [...new Set(refs.map(({ alert }) => alert.service))];
  return new Map(
    await Promise.all(services.map(async (name) => [name, await policy.tierOf(name)] as const)),
  );
}

function writerFor({ digestOf }: StoreOptions, ref: RunRef, tierOf: TierOf): Writer {
  return { digest: digestOf(ref.runbook), tier: tierOf.get(ref.alert.service) ?? null };
}

function writingOf(
  input: RunRef & Pick<RecordInput, 'entries' | 'notices' | 'release' | 'quarantine'>,
  writer: Writer,
): Writing {
  const lines = input.entries.map((entry) => lineOf(input, entry, writer));
  const { targets = [], why = '' } = input.quarantine ?? {};
  return {
    refs: [refOf(input)],
    lines,
    notices: noticeRows(input.run, input.notices, lines),
    released:
      input.release === true || lines.some(({ run_closed }) => run_closed) ? [input.run] : [],
    dropped: [],
    quarantined: targets.map((target) => ({ target, run: input.run, why })),
  };
}

function noticeRows(run: string, notices: readonly Notice[], lines: readonly Line[]): NoticeRow[] {
  const entryIds = lines.map(({ id }) => id);
  return notices.map((notice, position) => {
    return { ...notice, run, id: noticeIdOf(notice, { run, entryIds, position }) };
  });
}

function joined(writings: readonly Writing[]): Writing {
  return {
    refs: writings.flatMap(({ refs }) => refs),
    lines: writings.flatMap(({ lines }) => lines),
    notices: writings.flatMap(({ notices }) => notices),
    released: writings.flatMap(({ released }) => released),
    dropped: [],
    quarantined: writings.flatMap(({ quarantined }) => quarantined),
  };
}
