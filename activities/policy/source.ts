/**
 * Keeps a set of policies in force and answers from it; reads it again when one of its files changes. A set that cannot be
 * used is announced and the last good one stays in force; without a last good one every question is refused.
 */
import type { Tier } from '../../workflows/domain/entry.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import { nothingApproved } from './approved.js';
import type { PolicyFacts } from './fact.js';
import { judgeBy, type Judge, type PolicyJudgement, type PolicyQuestion } from './judge.js';
import { askTable, compileSet, loadSet, type LoadedSet } from './set.js';
import { readSetFiles, stampOf } from './set-files.js';
import type { PolicyTable } from './table.js';
import { conditionText } from './words.js';

/** What policy answers to one proposal, with the digest of the set it answered from. */
export interface PolicyAnswer extends PolicyJudgement {
  readonly self: readonly string[];
  /** Lower-case hex SHA-256 over all files of the set. */
  readonly digest: string;
  /** The same question once more, of the same set, with more facts; they go before those it was asked with. */
  weighing(facts: PolicyFacts): PolicyAnswer;
}

export interface Policy {
  /** Never throws: a set that cannot be used, with none before it that could, is `known: false`. */
  ask(question: PolicyQuestion): Promise<Known<PolicyAnswer>>;
  /** Null when there is no set in force or it does not name the service. */
  tierOf(service: string): Promise<Tier | null>;
}

/** Measures what policies ask about. It may throw and may leave out: what it does not give is not known. */
export interface FactsReader {
  read(question: PolicyQuestion): Promise<PolicyFacts>;
}

/** One policy in words: when it decides. */
export interface PolicyWords {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly when: string;
}

/** Something about the set that people must know. */
export type PolicyNews =
  | {
      readonly kind: 'in-force';
      readonly digest: string;
      readonly release: string | null;
      readonly before: string | null;
      readonly policies: number;
      /** What each says, so that its decisions can be read when the files are long gone. */
      readonly words: readonly PolicyWords[];
    }
  /** `keeps` is the digest that stays in force; null when nothing does and every question is refused. */
  | { readonly kind: 'refused'; readonly why: string; readonly keeps: string | null };

export interface PolicySource {
  /** Of the services file; the rest of the set lies beside it. */
  readonly path: string;
  readonly facts?: FactsReader;
  /** Told once for each change. What it throws, or rejects with, is its own to say. */
  readonly announce?: (news: PolicyNews) => void;
}

/** Each source has two places in Cedar's memory: one in force, one being read. */
let sources = 0;

/** Policy from files that are read again when they change. */
export function createPolicy({ path, facts, announce = () => undefined }: PolicySource): Policy {
  const set = keepSet(path, announce);
  return {
    async ask(question) {
      const [{ inForce, wrong }, measured] = await Promise.all([
        set.current(),
        readFacts(facts, question),
      ]);
      if (inForce === null) return { known: false, why: wrong ?? 'there are no policies' };
      const judge = wrong === null ? inForce : { ...inForce, refused: wrong.slice(0, whyMax) };
      const given = { ...question, facts: { ...measured, ...question.facts } };
      return known(answerFrom(judge, given));
    },
    async tierOf(service) {
      const { inForce } = await set.current();
      return inForce === null ? null : tierIn(inForce.table, service);
    },
  };
}

interface Current {
  readonly inForce: LoadedSet | null;
  /** Why the files as they are now are not in force; null when they are. */
  readonly wrong: string | null;
}

/** Questions that come while a changed set is being read wait for that one reading. */
function keepSet(path: string, announce: (news: PolicyNews) => void) {
  sources += 1;
  const source = sources;
  let stamp: string | undefined;
  let turn = 0;
  let current: Promise<Current> = Promise.resolve({ inForce: null, wrong: null });
  const reload = async (before: LoadedSet | null): Promise<Current> => {
    try {
      const loaded = loadSet(await readSetFiles(path), `belay-${source}-${turn % 2}`);
      turn += 1;
      if (loaded.digest !== before?.digest) announce(inForceNews(loaded, before));
      return { inForce: loaded, wrong: null };
    } catch (error) {
      const wrong = messageOf(error);
      announce({ kind: 'refused', why: wrong, keeps: before?.digest ?? null });
      return { inForce: before, wrong };
    }
  };
  return {
    current(): Promise<Current> {
      const now = stampOrWhy(path);
      if (now === stamp) return current;
      stamp = now;
      current = current.then(({ inForce }) => reload(inForce));
      return current;
    },
  };
}

/** Of more, one line of the ledger would be more than anybody reads. */
const wordsMax = 500;

function inForceNews(loaded: LoadedSet, before: LoadedSet | null): PolicyNews {
  const { digest, release, rules } = loaded;
  const words = rules.slice(0, wordsMax).map(({ id, effect, when }) => {
    return { id, effect, when: conditionText(when) };
  });
  const policies = rules.length;
  return { kind: 'in-force', digest, release, before: before?.digest ?? null, policies, words };
}

/** A folder that cannot be looked at is a change too: it is then read, and says why not. */
function stampOrWhy(path: string): string {
  try {
    return stampOf(path);
  } catch (error) {
    return messageOf(error);
  }
}

async function readFacts(
  reader: FactsReader | undefined,
  question: PolicyQuestion,
): Promise<PolicyFacts> {
  if (reader === undefined) return {};
  try {
    return await reader.read(question);
  } catch {
    return {}; // not known, which permits nothing that needs them
  }
}

/** Answers from a table that is already there; the simulator has one without a file. */
export function createTablePolicy(table: PolicyTable, digest: string): Policy {
  const release = table.release ?? null;
  const judge: Judge = { digest, release, table, approved: nothingApproved, ask: askTable(table) };
  return {
    ask: (question) => Promise.resolve(known(answerFrom(judge, question))),
    tierOf: (service) => Promise.resolve(tierIn(table, service)),
  };
}

/** The services of a set that is right as a whole. Throws with the path and the fix in the message. */
export async function readPolicyFile(path: string): Promise<PolicyTable> {
  return compileSet(await readSetFiles(path)).table;
}

/** Enough of what is wrong with newer files for whoever reads a decision. */
const whyMax = 300;

function answerFrom(judge: Judge, question: PolicyQuestion): PolicyAnswer {
  const weighing = (facts: PolicyFacts): PolicyAnswer =>
    answerFrom(judge, { ...question, facts: { ...question.facts, ...facts } });
  const { self } = judge.table;
  return { ...judgeBy(judge, question), self, digest: judge.digest, weighing };
}

function tierIn(table: PolicyTable, service: string): Tier | null {
  return Object.hasOwn(table.services, service) ? (table.services[service]?.tier ?? null) : null;
}
