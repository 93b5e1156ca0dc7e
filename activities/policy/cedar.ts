/**
 * Asks Cedar: parses, validates against the schema, and answers one question at one level. Throws PolicyError for policies that
 * cannot be used; an answer with an error in it is told as such and never as a yes.
 */
import './steady-wasm.js';
import {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  statefulIsAuthorized,
  validate,
  type DetailedError,
  type PolicyJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { Decision } from './evaluate.js';
import { schemaText, type Situation } from './fact.js';
import { OutsideSubset, readPolicy } from './est.js';
import { PolicyError } from './parse.js';
import type { Place, Rule, Subject } from './rule.js';

export interface SetFile {
  /** As messages call it. */
  readonly name: string;
  readonly text: string;
}

/** A rule, and what Cedar is given for it. */
export interface Compiled {
  readonly rule: Rule;
  readonly source: string | PolicyJson;
}

/** Every problem of the file in one PolicyError, with line and column. */
export function compileFile(file: SetFile): Compiled[] {
  const parts = policySetTextToParts(file.text);
  if (parts.type === 'failure') throw problemsIn(file, parts.errors);
  if (parts.policy_templates.length > 0) {
    throw new PolicyError(`${file.name}:1:1: templates are not used here; write each policy out`);
  }
  const compiled = parts.policies.map((text) => compile(file, text));
  return compiled.toSorted((one, other) => one.rule.place.line - other.rule.place.line);
}

function compile(file: SetFile, text: string): Compiled {
  const place = placeOf(file, Math.max(0, file.text.indexOf(text)));
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') throw problemsIn(file, parsed.errors);
  return { rule: ruleOf(parsed.json, place), source: text };
}

/** A rule from Cedar's JSON. Throws a PolicyError that names the place and what to write. */
export function ruleOf(json: PolicyJson, place: Place): Rule {
  const { id = '', ...notes } = json.annotations ?? {};
  if (!/^[a-z0-9][\w./-]{0,99}$/i.test(id)) {
    throw at(place, 'every policy has an id of its own: write @id("<name>") before it');
  }
  try {
    return { id, ...readPolicy(json), notes, place };
  } catch (error) {
    if (error instanceof OutsideSubset) throw at(place, `policy ${id}: ${error.message}`);
    throw error;
  }
}

/** The policies are right together: ids once each, and every condition fits the schema, strictly. Throws PolicyError. */
export function validateAll(compiled: readonly Compiled[], files: readonly SetFile[]): void {
  const seen = new Map<string, Place>();
  for (const { rule } of compiled) {
    const first = seen.get(rule.id);
    if (first !== undefined) {
      const where = `${first.file}:${first.line}`;
      throw at(rule.place, `the id ${rule.id} is taken (${where}); give this policy another`);
    }
    seen.set(rule.id, rule.place);
  }
  const answer = validate({
    validationSettings: { mode: 'strict' },
    schema: schemaText(),
    policies: { staticPolicies: sourcesOf(compiled) },
  });
  if (answer.type === 'failure') throw new PolicyError(answer.errors.map(textOf).join('\n'));
  const problems = [...answer.validationErrors, ...answer.validationWarnings];
  if (problems.length === 0) return;
  const lines = problems.slice(0, problemsMax).map(({ policyId, error }) => {
    const rule = compiled.find((one) => one.rule.id === policyId)?.rule;
    return `${placeText(placeWithin(rule, { files, compiled, error }))}: ${textOf(error)}`;
  });
  throw new PolicyError(lines.join('\n'));
}

/** Enough to mend a file in one go, few enough to read. */
const problemsMax = 5;

/** Keeps the policies parsed under this name, in place of what was kept there. */
export function keepParsed(slot: string, compiled: readonly Compiled[]): void {
  const answer = preparsePolicySet(slot, { staticPolicies: sourcesOf(compiled) });
  if (answer.type === 'failure') throw new PolicyError(answer.errors.map(textOf).join('\n'));
}

function sourcesOf(compiled: readonly Compiled[]): Record<string, string | PolicyJson> {
  return Object.fromEntries(compiled.map(({ rule, source }) => [rule.id, source]));
}

/** Cedar's answer. Every error of its diagnostics is an error of the decision: nothing is then permitted. */
export function askCedar(slot: string, subject: Subject, situation: Situation): Decision {
  const answer = statefulIsAuthorized({
    principal: { type: 'Runbook', id: subject.runbook },
    action: { type: 'Action', id: 'act' },
    resource: { type: 'Service', id: subject.service },
    context: situation,
    preparsedPolicySetId: slot,
    entities: [],
  });
  if (answer.type === 'failure') return failed(answer.errors.map(textOf).join('; '));
  const { decision, diagnostics } = answer.response;
  const [wrong] = diagnostics.errors;
  if (wrong !== undefined) return failed(`policy ${wrong.policyId}: ${textOf(wrong.error)}`);
  return { permitted: decision === 'allow', by: diagnostics.reason.toSorted(), error: null };
}

function failed(error: string): Decision {
  return { permitted: false, by: [], error };
}

function problemsIn(file: SetFile, errors: readonly DetailedError[]): PolicyError {
  const lines = errors.slice(0, problemsMax).map((error) => {
    const offset = error.sourceLocations?.[0]?.start ?? 0;
    return `${placeText(placeOf(file, charactersOf(file.text, offset)))}: ${textOf(error)}`;
  });
  return new PolicyError(lines.join('\n'));
}

interface Within {
  readonly files: readonly SetFile[];
  readonly compiled: readonly Compiled[];
  readonly error: DetailedError;
}

/** Cedar counts from the policy's own beginning. */
function placeWithin(rule: Rule | undefined, { files, compiled, error }: Within): Place {
  const nowhere = { file: 'policies', line: 1, column: 1 };
  if (rule === undefined) return nowhere;
  const source = compiled.find((one) => one.rule === rule)?.source;
  const file = files.find(({ name }) => name === rule.place.file);
  if (typeof source !== 'string' || file === undefined) return rule.place;
  const within = charactersOf(source, error.sourceLocations?.[0]?.start ?? 0);
  return placeOf(file, file.text.indexOf(source) + within);
}

function placeOf({ name, text }: SetFile, offset: number): Place {
  const before = text.slice(0, offset).split('\n');
  return { file: name, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** Cedar counts bytes. */
function charactersOf(text: string, bytes: number): number {
  return Buffer.from(text).subarray(0, bytes).toString().length;
}

function textOf({ message, help, sourceLocations }: DetailedError): string {
  const label = sourceLocations?.[0]?.label;
  const fix = help ?? label;
  return fix === null || fix === undefined ? message : `${message} (${fix})`;
}

function at(place: Place, message: string): PolicyError {
  return new PolicyError(`${placeText(place)}: ${message}`);
}

/** `file:line:column`. */
export function placeText({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
