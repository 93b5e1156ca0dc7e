/**
 * Rules as formulas for Z3: every fact is a variable with its range, every fact that may be unknown has a second one that says
 * whether it is known. Texts are numbered: those that are named somewhere, and one that is not. Decides nothing.
 */
import type { Arith, Bool, Context, Model } from 'z3-solver';
import {
  factNames,
  kindOf,
  mayBeAbsent,
  type FactName,
  type FactValue,
  type Situation,
} from '../fact.js';
import type { Comparison, Condition, Rule, Subject, Term } from '../rule.js';
import { textsOf } from '../witness.js';

export type Z3 = Context<'policy'>;
export type Formula = Bool<'policy'>;
type Whole = Arith<'policy'>;

/** One fact: a number or a numbered text, or a truth; and whether it is known. */
export interface FactVariable {
  readonly value: Whole | Formula;
  readonly known: Formula;
}

export type Variables = Readonly<Record<FactName, FactVariable>> & {
  readonly runbook: Whole;
  readonly service: Whole;
};

/** Which numbers stand for which texts; the number after the last stands for any text that is not named. */
export interface Texts {
  readonly runbooks: readonly string[];
  readonly services: readonly string[];
  readonly of: Readonly<Partial<Record<FactName, readonly string[]>>>;
}

/** What stands for whatever is not named, in counterexamples. */
export const unnamed = 'anything else';

/** Over all rules that are compared: the same text has the same number in each. */
export function textsIn(rules: readonly Rule[]): Texts {
  const named = (values: readonly (string | null)[]): string[] => [
    ...new Set(values.flatMap((value) => value ?? [])),
  ];
  const of = Object.fromEntries(
    factNames.flatMap((fact) => {
      const kind = kindOf(fact);
      return kind.kind === 'text' ? [[fact, kind.oneOf ?? textsOf(fact, rules)]] : [];
    }),
  );
  return {
    runbooks: named(rules.map(({ runbook }) => runbook)),
    services: named(rules.map(({ service }) => service)),
    of,
  };
}

/** Formulas over one set of variables. Total: every condition of the subset has one. */
export class Encoder {
  constructor(
    readonly z3: Z3,
    readonly texts: Texts,
  ) {}

  /** Fresh variables; `prefix` tells two copies apart. */
  variables(prefix = ''): Variables {
    const { z3 } = this;
    const fact = (name: FactName): FactVariable => ({
      value:
        kindOf(name).kind === 'truth'
          ? z3.Bool.const(`${prefix}${name}`)
          : z3.Int.const(`${prefix}${name}`),
      known: mayBeAbsent(name) ? z3.Bool.const(`${prefix}${name}?`) : z3.Bool.val(true),
    });
    return {
      ...(Object.fromEntries(factNames.map((name) => [name, fact(name)])) as Record<
        FactName,
        FactVariable
      >),
      runbook: z3.Int.const(`${prefix}@runbook`),
      service: z3.Int.const(`${prefix}@service`),
    };
  }

  /** Everything is within its range. */
  domain(variables: Variables): Formula {
    const ranges = factNames.flatMap((name) => this.range(name, variables[name]));
    return this.z3.And(
      ...ranges,
      ...this.between(variables.runbook, 0, this.texts.runbooks.length),
      ...this.between(variables.service, 0, this.texts.services.length),
    );
  }

  private range(name: FactName, { value }: FactVariable): Formula[] {
    const kind = kindOf(name);
    if (kind.kind === 'truth') return [];
    if (kind.kind === 'number') return this.between(value as Whole, kind.min, kind.max);
    const texts = this.texts.of[name] ?? [];
    return this.between(
      value as Whole,
      0,
      kind.oneOf === undefined ? texts.length : texts.length - 1,
    );
  }

  private between(value: Whole, from: number, to: number): Formula[] {
    return [value.ge(from), value.le(to)];
  }

  /** Some permit holds and no forbid does. */
  permitted(rules: readonly Rule[], variables: Variables): Formula {
    return this.z3.And(
      this.some(rules, 'permit', variables),
      this.some(rules, 'forbid', variables).not(),
    );
  }

  some(rules: readonly Rule[], effect: Rule['effect'], variables: Variables): Formula {
    const parts = rules.filter((rule) => rule.effect === effect);
    return this.z3.Or(this.z3.Bool.val(false), ...parts.map((rule) => this.rule(rule, variables)));
  }

  /** The rule speaks of the subject and its condition holds. */
  rule({ runbook, service, when }: Rule, variables: Variables): Formula {
    const { z3, texts } = this;
    const scope = [
      ...(runbook === null ? [] : [variables.runbook.eq(texts.runbooks.indexOf(runbook))]),
      ...(service === null ? [] : [variables.service.eq(texts.services.indexOf(service))]),
    ];
    return z3.And(...scope, this.condition(when, variables));
  }

  condition(condition: Condition, variables: Variables): Formula {
    const { z3 } = this;
    switch (condition.kind) {
      case 'always':
        return z3.Bool.val(condition.value);
      case 'not':
        return this.condition(condition.of, variables).not();
      case 'all':
        return z3.And(...condition.of.map((part) => this.condition(part, variables)));
      case 'any':
        return z3.Or(...condition.of.map((part) => this.condition(part, variables)));
      case 'has':
        return variables[condition.fact].known;
      case 'holds':
        return variables[condition.fact].value as Formula;
      case 'among':
        return this.among(condition.fact, { texts: condition.texts, variables });
      case 'compare':
        return compare(
          condition.is,
          this.term(condition.left, variables),
          this.term(condition.right, variables),
        );
    }
  }

  private among(
    fact: FactName,
    { texts, variables }: { readonly texts: readonly string[]; readonly variables: Variables },
  ): Formula {
    const value = variables[fact].value as Whole;
    const numbers = texts.map((text) => (this.texts.of[fact] ?? []).indexOf(text));
    const equal = numbers.filter((at) => at >= 0).map((at) => value.eq(at));
    return this.z3.Or(this.z3.Bool.val(false), ...equal);
  }

  private term(term: Term, variables: Variables): Whole {
    if (term.kind === 'number') return this.z3.Int.val(term.value);
    return variables[term.fact].value as Whole;
  }

  /** The variables are these facts: what the solver then says of the rules is a third reading of them. */
  exactly(variables: Variables, subject: Subject, situation: Situation): Formula {
    const parts = factNames.map((name) => {
      const value = situation[name];
      const { known } = variables[name];
      return value === undefined
        ? known.not()
        : this.z3.And(known, this.is(variables, name, value));
    });
    const { runbooks, services } = this.texts;
    return this.z3.And(
      ...parts,
      variables.runbook.eq(numberOf(subject.runbook, runbooks)),
      variables.service.eq(numberOf(subject.service, services)),
    );
  }

  named(variables: Variables, what: 'runbook' | 'service', name: string): Formula {
    const texts = what === 'runbook' ? this.texts.runbooks : this.texts.services;
    return variables[what].eq(numberOf(name, texts));
  }

  /** Of the same class, tier and level: one example of them is enough. */
  alike(variables: Variables, situation: Situation): Formula {
    const same = (['actionClass', 'tier', 'level'] as const).map((name) =>
      this.is(variables, name, situation[name]),
    );
    return this.z3.And(...same);
  }

  atLeast(variables: Variables, name: FactName, value: number): Formula {
    return (variables[name].value as Whole).ge(value);
  }

  /** The second asks for one level less than the first. */
  oneBelow(first: Variables, second: Variables): Formula {
    return (first.level.value as Whole).eq((second.level.value as Whole).add(1));
  }

  /** The fact has this value, if it is known. */
  is(variables: Variables, name: FactName, value: FactValue): Formula {
    const variable = variables[name].value;
    if (typeof value === 'boolean')
      return value ? (variable as Formula) : (variable as Formula).not();
    const at = typeof value === 'number' ? value : numberOf(value, this.texts.of[name] ?? []);
    return (variable as Whole).eq(at);
  }

  /** What the solver chose, as facts. */
  read(model: Model<'policy'>, variables: Variables): { subject: Subject; situation: Situation } {
    const situation: Partial<Record<FactName, FactValue>> = {};
    for (const name of factNames) {
      const { value, known } = variables[name];
      if (model.eval(known, true).toString() !== 'true') continue;
      situation[name] = this.valueOf(name, model.eval(value, true).toString());
    }
    const chosen = (value: Whole, texts: readonly string[]): string =>
      texts[Number(model.eval(value, true).toString())] ?? unnamed;
    return {
      subject: {
        runbook: chosen(variables.runbook, this.texts.runbooks),
        service: chosen(variables.service, this.texts.services),
      },
      situation: situation as Situation,
    };
  }

  private valueOf(name: FactName, text: string): FactValue {
    const { kind } = kindOf(name);
    if (kind === 'truth') return text === 'true';
    return kind === 'number' ? Number(text) : (this.texts.of[name]?.[Number(text)] ?? unnamed);
  }
}

function numberOf(text: string, texts: readonly string[]): number {
  const at = texts.indexOf(text);
  return at < 0 ? texts.length : at;
}

function compare(is: Comparison, left: Whole, right: Whole): Formula {
  switch (is) {
    case '<':
      return left.lt(right);
    case '<=':
      return left.le(right);
    case '>':
      return left.gt(right);
    case '>=':
      return left.ge(right);
    case '==':
      return left.eq(right);
    case '!=':
      return left.neq(right);
  }
}
