/**
 * A set of policies ready to answer: services, approved lists and rules, from the texts of its files. Throws PolicyError with
 * file, line and column, and then nothing of it is kept. Reads no file itself.
 */
import { createHash } from 'node:crypto';
import { schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { nothingApproved, parseApproved, type Approved } from './approved.js';
import {
  askCedar,
  compileFile,
  keepParsed,
  validateAll,
  type Compiled,
  type SetFile,
} from './cedar.js';
import { highest, highestLevel, decide, type LevelDecision } from './evaluate.js';
import { schemaText, type Facts } from './fact.js';
import { parsePolicy, PolicyError } from './parse.js';
import type { Rule, Subject } from './rule.js';
import { tablePolicies } from './table-policies.js';
import type { PolicyTable } from './table.js';
import type { SetMark } from './trace.js';
import { extremeOf } from './witness.js';

/** Answers the highest level that is permitted. Total: what goes wrong is an answer without a level. */
export type AskLevel = (subject: Subject, facts: Facts) => LevelDecision;

export interface LoadedSet extends SetMark {
  readonly table: PolicyTable;
  readonly approved: Approved;
  readonly rules: readonly Rule[];
  readonly ask: AskLevel;
}

/** The files of a set: the inventory, and what lies beside it. */
export interface SetFiles {
  readonly services: SetFile;
  readonly cedar: readonly SetFile[];
  readonly approved: SetFile | null;
  readonly schema: SetFile | null;
  /** Digests of extreme sets that a person accepted with --yes; no part of the set. */
  readonly accepted: readonly string[];
}

export const approvedFile = 'approved.yaml';
export const schemaFile = 'belay.cedarschema';

/** A set whose rules are right by themselves and yet permit nothing, or everything. */
export class ExtremeSet extends PolicyError {
  constructor(
    readonly extreme: 'nothing' | 'everything',
    readonly digest: string,
  ) {
    const what = extreme === 'nothing' ? 'permits nothing' : 'permits everything without asking';
    super(
      `this set of policies ${what}; when that is meant: belay policy check --yes, ` +
        `which writes its digest ${digest.slice(0, 12)} into the file accepted beside it`,
    );
  }
}

/** Throws a PolicyError. Cedar keeps the parsed policies under `slot`, in place of what was kept there. */
export function loadSet(files: SetFiles, slot: string): LoadedSet {
  const { table, approved, compiled } = compileSet(files);
  const rules = compiled.map(({ rule }) => rule);
  const digest = digestOf(files);
  const extreme = extremeOf(rules);
  if (extreme !== null && !files.accepted.includes(digest)) throw new ExtremeSet(extreme, digest);
  keepParsed(slot, compiled);
  return {
    ...{ digest, release: table.release ?? null },
    ...{ table, approved, rules },
    ask: askBoth(rules, slot),
  };
}

export interface CompiledSet {
  readonly table: PolicyTable;
  readonly approved: Approved;
  readonly compiled: readonly Compiled[];
}

/** Everything is right but perhaps the whole: see extremeOf. Throws a PolicyError. */
export function compileSet(files: SetFiles): CompiledSet {
  const { services, cedar, approved, schema } = files;
  const table = parsePolicy(services.text, services.name);
  requireOneSource(table, files);
  if (schema !== null) requireSchema(schema);
  const compiled =
    cedar.length > 0 ? cedar.flatMap(compileFile) : tablePolicies(table, services.name);
  validateAll(compiled, cedar);
  return {
    table,
    approved: approved === null ? nothingApproved : parseApproved(approved.text, approved.name),
    compiled,
  };
}

/** Two sources of levels would be two opinions of which one reads only one. */
function requireOneSource(table: PolicyTable, { services, cedar }: SetFiles): void {
  const [first] = cedar;
  if (first !== undefined && table.levels !== undefined) {
    throw new PolicyError(
      `${services.name}:1:1: levels stand in ${first.name} and its like; take the key levels out of this file`,
    );
  }
  if (first === undefined && table.levels === undefined) {
    throw new PolicyError(
      `${services.name}:1:1: there is no .cedar file beside it that grants levels, and no key levels in it`,
    );
  }
}

/** It is there for people and editors: one that says something else than the engine would mislead them. */
function requireSchema({ name, text }: SetFile): void {
  const theirs = schemaToJson(text);
  const ours = schemaToJson(schemaText());
  if (theirs.type === 'failure') {
    throw new PolicyError(`${name}:1:1: ${theirs.errors[0]?.message ?? 'is no Cedar schema'}`);
  }
  if (ours.type === 'success' && JSON.stringify(theirs.json) === JSON.stringify(ours.json)) return;
  throw new PolicyError(
    `${name}:1:1: is not the schema of this version; write it again: belay policy schema > ${name}`,
  );
}

/** Over names and contents, in the order of names; where the folder lies does not matter. */
export function digestOf({ services, cedar, approved, schema }: SetFiles): string {
  const others = [...cedar, ...[approved, schema].flatMap((file) => file ?? [])];
  const named = [
    ['services.yaml', services.text] as const,
    ...others.map(({ name, text }) => [name.slice(name.lastIndexOf('/') + 1), text] as const),
  ];
  const lines = named.map(([name, text]) => `${sha256(text)}  ${name}\n`).toSorted();
  return sha256(lines.join(''));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Our evaluator finds the level, Cedar confirms it and refuses the one above. Two readings of the same policies that do not
 * agree are no answer.
 */
function askBoth(rules: readonly Rule[], slot: string): AskLevel {
  return (subject, facts) => {
    const ours = highestLevel(rules, subject, facts);
    const asked = [ours.level, ours.level === null ? 1 : ours.level + 1];
    for (const level of asked) {
      if (ours.error !== null || level === null || level > 5) continue;
      const theirs = askCedar(slot, subject, { ...facts, level });
      if (theirs.error !== null) return noAnswer(theirs.error);
      const mine = decide(rules, subject, { ...facts, level });
      if (theirs.permitted !== mine.permitted || theirs.by.join() !== mine.by.join()) {
        return noAnswer(`Cedar and Belay read the policies differently at level ${level}`);
      }
    }
    return ours;
  };
}

function noAnswer(error: string): LevelDecision {
  return { level: null, by: [], heldBy: [], error };
}

/** Cedar alone, from the top down; what the two are compared with in tests. */
export function askOnlyCedar(slot: string): AskLevel {
  return (subject, facts) => highest((level) => askCedar(slot, subject, { ...facts, level }));
}

const tableRules = new WeakMap<PolicyTable, readonly Rule[]>();

/** A table that is already there answers by itself, without files and without Cedar: the simulator asks it millions of times. */
export function askTable(table: PolicyTable): AskLevel {
  const rules =
    tableRules.get(table) ?? tablePolicies(table, 'services.yaml').map((one) => one.rule);
  tableRules.set(table, rules);
  return (subject, facts) => highestLevel(rules, subject, facts);
}
