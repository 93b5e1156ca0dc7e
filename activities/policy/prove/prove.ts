/**
 * Proves of a set of rules that no situation contradicts an invariant; a counterexample is a situation in words. An answer that
 * could not be had in time counts as failed.
 */
import { performance } from 'node:perf_hooks';
import { decide } from '../evaluate.js';
import type { FactName, Situation } from '../fact.js';
import { factsIn, type Condition, type Rule, type Subject } from '../rule.js';
import { factsText, subjectText } from '../words.js';
import { Encoder, textsIn, type Formula, type Variables } from './encode.js';
import type { Invariant } from './invariants.js';
import type { Found, Solving } from './solver.js';

export interface Proof {
  readonly id: string;
  readonly says: string;
  readonly result: 'proved' | 'refuted' | 'unknown';
  /** What contradicts it, in words; null when it is proved. */
  readonly counterexample: string | null;
  readonly tookMs: number;
}

/** Every invariant given, and those of every set: levels are nested, and no policy is without effect. */
export async function prove(
  rules: readonly Rule[],
  invariants: readonly Invariant[],
  solving: Solving,
): Promise<Proof[]> {
  const bench = new Bench(rules, invariants, solving);
  const proofs: Proof[] = [];
  for (const invariant of invariants) proofs.push(await timed(() => bench.never(invariant)));
  proofs.push(await timed(() => bench.nested()));
  proofs.push(await timed(() => bench.reachable()));
  proofs.push(await timed(() => bench.notExtreme()));
  return proofs;
}

async function timed(work: () => Promise<Omit<Proof, 'tookMs'>>): Promise<Proof> {
  const startedMs = performance.now();
  const proof = await work();
  return { ...proof, tookMs: performance.now() - startedMs };
}

type Untimed = Omit<Proof, 'tookMs'>;

class Bench {
  private readonly encoder: Encoder;
  private readonly variables: Variables;
  private readonly domain: Formula;

  constructor(
    private readonly rules: readonly Rule[],
    invariants: readonly Invariant[],
    private readonly solving: Solving,
  ) {
    const asRules = invariants.map(({ never }) => asRule(never));
    this.encoder = new Encoder(solving.z3, textsIn([...rules, ...asRules]));
    this.variables = this.encoder.variables();
    this.domain = this.encoder.domain(this.variables);
  }

  async never({ id, says, never }: Invariant): Promise<Untimed> {
    const { encoder, variables, domain } = this;
    const found = await this.solving.find(
      domain,
      encoder.permitted(this.rules, variables),
      encoder.condition(never, variables),
    );
    return { id, says, ...this.resultOf(found, factsIn(never)) };
  }

  /** What is permitted at a level is permitted one below it, where people have more say. */
  async nested(): Promise<Untimed> {
    const { encoder, variables, domain } = this;
    const level = encoder.variables('lower ').level;
    const lower = { ...variables, level };
    const found = await this.solving.find(
      domain,
      encoder.domain(lower),
      encoder.oneBelow(variables, lower),
      encoder.permitted(this.rules, variables),
      encoder.permitted(this.rules, lower).not(),
    );
    const says = 'what is permitted at a level is permitted one below it, with more signals';
    return { id: 'nested', says, ...this.resultOf(found, new Set<FactName>()) };
  }

  /** Each permit permits something, and each forbid takes something away. */
  async reachable(): Promise<Untimed> {
    const says = 'every policy decides something: none is unreachable';
    for (const rule of this.rules) {
      const found = await this.solving.find(this.domain, this.matters(rule));
      if (found.kind === 'some') continue;
      const what = rule.effect === 'permit' ? 'permits nothing' : 'forbids nothing that is granted';
      return found.kind === 'unknown'
        ? {
            id: 'reachable',
            says,
            result: 'unknown',
            counterexample: `policy ${rule.id}: no answer in time`,
          }
        : { id: 'reachable', says, result: 'refuted', counterexample: `policy ${rule.id} ${what}` };
    }
    return { id: 'reachable', says, result: 'proved', counterexample: null };
  }

  private matters(rule: Rule): Formula {
    const { encoder, variables } = this;
    const other = rule.effect === 'permit' ? 'forbid' : 'permit';
    const others = encoder.some(this.rules, other, variables);
    const itself = encoder.rule(rule, variables);
    return encoder.z3.And(itself, rule.effect === 'permit' ? others.not() : others);
  }

  /** The set permits more than advice somewhere, and not everything everywhere. */
  async notExtreme(): Promise<Untimed> {
    const { encoder, variables, domain } = this;
    const says = 'the set permits something, and not everything';
    const permitted = encoder.permitted(this.rules, variables);
    const acts = await this.solving.find(domain, permitted, encoder.atLeast(variables, 'level', 2));
    if (acts.kind !== 'some') {
      return {
        id: 'not-extreme',
        says,
        result: resultWithout(acts),
        counterexample: 'nothing is permitted',
      };
    }
    const held = await this.solving.find(
      domain,
      permitted.not(),
      encoder.atLeast(variables, 'ceiling', 5),
    );
    if (held.kind !== 'some') {
      return {
        id: 'not-extreme',
        says,
        result: resultWithout(held),
        counterexample: 'everything is permitted',
      };
    }
    return { id: 'not-extreme', says, result: 'proved', counterexample: null };
  }

  private resultOf(
    found: Found,
    about: ReadonlySet<FactName>,
  ): Pick<Proof, 'result' | 'counterexample'> {
    if (found.kind === 'none') return { result: 'proved', counterexample: null };
    if (found.kind === 'unknown') return { result: 'unknown', counterexample: 'no answer in time' };
    const { subject, situation } = this.encoder.read(found.model, this.variables);
    return { result: 'refuted', counterexample: this.told(subject, { situation, about }) };
  }

  private told(
    subject: Subject,
    { situation, about }: { readonly situation: Situation; readonly about: ReadonlySet<FactName> },
  ): string {
    const { by } = decide(this.rules, subject, situation);
    return exampleText(this.rules, subject, { situation, about, by });
  }
}

function resultWithout(found: Found): 'refuted' | 'unknown' {
  return found.kind === 'none' ? 'refuted' : 'unknown';
}

/** A condition that is compared with policies has to have its texts numbered with theirs. */
export function asRule(when: Condition): Rule {
  const place = { file: 'invariants', line: 1, column: 1 };
  return {
    id: 'invariant',
    effect: 'forbid',
    runbook: null,
    service: null,
    when,
    notes: {},
    place,
  };
}

export interface Example {
  readonly situation: Situation;
  /** Facts that must be told, whichever policies decided. */
  readonly about: ReadonlySet<FactName>;
  /** Ids of the policies that decided. */
  readonly by: readonly string[];
}

/** A situation, by the facts that matter to whoever reads it: those of the policies that decided, and those asked for. */
export function exampleText(
  rules: readonly Rule[],
  subject: Subject,
  { situation, about, by }: Example,
): string {
  const deciding = rules.filter(({ id }) => by.includes(id));
  const facts = new Set<FactName>(['level', 'actionClass', 'tier', 'environment', ...about]);
  for (const { when } of deciding) for (const fact of factsIn(when)) facts.add(fact);
  const absent = [...facts].filter((fact) => situation[fact] === undefined);
  const unknown = absent.length === 0 ? '' : `; not known: ${absent.join(', ')}`;
  return `${subjectText(subject)}, where ${factsText(situation, facts).join(', ')}${unknown}: permitted by ${by.join(', ')}`;
}
