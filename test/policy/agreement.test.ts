/** Three readings of the same policies must agree: Cedar's, our evaluator's, and Z3's; on facts by chance and on every boundary. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { askCedar, compileFile, keepParsed, type Compiled } from '../../activities/policy/cedar.js';
import { decide, highestLevel } from '../../activities/policy/evaluate.js';
import {
  factNames,
  kindOf,
  mayBeAbsent,
  type FactName,
  type Situation,
} from '../../activities/policy/fact.js';
import { Encoder, textsIn, type Formula } from '../../activities/policy/prove/encode.js';
import { withSolver, type Solving } from '../../activities/policy/prove/solver.js';
import {
  factsIn,
  type Comparison,
  type Condition,
  type Rule,
  type Subject,
} from '../../activities/policy/rule.js';
import { askOnlyCedar, askTable, compileSet, loadSet } from '../../activities/policy/set.js';
import { parsePolicy } from '../../activities/policy/parse.js';
import { setOf, shippedFiles } from './made-sets.js';

const texts: Partial<Record<FactName, readonly string[]>> = {
  actionClass: ['restart', 'configure', 'delete', 'constructor'],
  environment: ['demo', 'production', ''],
  tier: ['info', 'warning', 'critical'],
};
const shipped = compileSet(shippedFiles());
const subject: Subject = { runbook: 'restart-service', service: 'shop' };

/** Values near what policies compare with come up often. */
function valueOf(fact: FactName): fc.Arbitrary<number | string | boolean> {
  const kind = kindOf(fact);
  if (kind.kind === 'truth') return fc.boolean();
  if (kind.kind === 'text') return fc.constantFrom(...(texts[fact] ?? ['']));
  const turns = [0, 1, 2, 3, 4, 5, 25, 26, 50, 51, 69, 70, 90, 120, 121].filter(
    (turn) => turn >= kind.min && turn <= kind.max,
  );
  return fc.oneof(fc.constantFrom(...turns), fc.integer({ min: kind.min, max: kind.max }));
}

const situations = fc.record(Object.fromEntries(factNames.map((fact) => [fact, valueOf(fact)])), {
  requiredKeys: factNames.filter((fact) => !mayBeAbsent(fact)),
}) as unknown as fc.Arbitrary<Situation>;

describe('Cedar and our evaluator', () => {
  test('say the same of the shipped set, policy for policy, for 1,000 situations by chance', () => {
    keepParsed('agreement', shipped.compiled);
    const rules = shipped.compiled.map(({ rule }) => rule);
    const seen = new Set<string>();
    fc.assert(
      fc.property(situations, (situation) => {
        const ours = decide(rules, subject, situation);
        expect(askCedar('agreement', subject, situation)).toEqual(ours);
        for (const id of ours.by) seen.add(id);
      }),
      { numRuns: 1000 },
    );
    expect(seen.size).toBeGreaterThan(rules.length / 3);
  });

  test('say the same of sets by chance, absent facts and errors included', () => {
    let errors = 0;
    let permitted = 0;
    fc.assert(
      fc.property(
        fc.array(policies, { minLength: 1, maxLength: 5 }),
        fc.array(situations, { minLength: 5, maxLength: 5 }),
        (written, asked) => {
          const compiled = compiledOf(written);
          keepParsed('chance', compiled);
          const rules = compiled.map(({ rule }) => rule);
          for (const situation of asked) {
            const ours = decide(rules, subject, situation);
            const theirs = askCedar('chance', subject, situation);
            expect(theirs.error === null).toBe(ours.error === null);
            expect(theirs.permitted).toBe(ours.permitted);
            if (ours.error === null) expect(theirs.by).toEqual(ours.by);
            errors += ours.error === null ? 0 : 1;
            permitted += ours.permitted ? 1 : 0;
          }
        },
      ),
      { numRuns: 150 },
    );
    expect(errors).toBeGreaterThan(20);
    expect(permitted).toBeGreaterThan(20);
  });

  test('find the same highest level, and a table says what its Cedar policies say', () => {
    const text = JSON.stringify({
      version: 1,
      self: [],
      levels: { restart: { info: 5, warning: 4, critical: 3 }, configure: { warning: 2 } },
      chains: { default: [{ notify: 'a', wait: '1m' }] },
      services: {},
    });
    const table = parsePolicy(text, 'table');
    loadSet(setOf('', { services: { name: 'table', text }, cedar: [] }), 'table');
    const rules = shipped.compiled.map(({ rule }) => rule);
    keepParsed('agreement', shipped.compiled);
    fc.assert(
      fc.property(situations, (facts) => {
        expect(askTable(table)(subject, facts)).toEqual(askOnlyCedar('table')(subject, facts));
        expect(highestLevel(rules, subject, facts)).toEqual(
          askOnlyCedar('agreement')(subject, facts),
        );
      }),
      { numRuns: 100 },
    );
  });

  test('a set in which they differed would permit nothing', () => {
    const permits = setOf(
      '@id("a") permit (principal, action, resource) when { context.level <= 4 && context.targets > 0 };',
    );
    const other = setOf(
      '@id("a") permit (principal, action, resource) when { context.level <= 4 && context.targets > 1 };',
    );
    const set = loadSet(permits, 'differ');
    const facts = factsNow();
    expect(set.ask(subject, facts).level).toBe(4);
    keepParsed('differ', compileSet(other).compiled);
    expect(set.ask(subject, facts)).toMatchObject({ level: null, error: /differently at level/ });
  });
});

describe('Z3', () => {
  let solving: Solving;
  let done: () => void;
  let running: Promise<void>;
  beforeAll(async () => {
    await new Promise<void>((started) => {
      running = withSolver((given) => {
        solving = given;
        started();
        return new Promise((resolve) => (done = resolve));
      });
    });
  });
  afterAll(async () => {
    done();
    await running;
  });

  test('says the same of the shipped set as both, for situations by chance', async () => {
    const bench = zBench(solving);
    keepParsed('agreement', shipped.compiled);
    for (const situation of fc.sample(situations, { numRuns: 60, seed: 6 })) {
      await agree(bench, subject, situation);
    }
  });

  test('says the same on both sides of every boundary that it chooses itself', async () => {
    const bench = zBench(solving);
    keepParsed('agreement', shipped.compiled);
    const comparisons = bench.rules.flatMap(({ when }) => comparisonsIn(when));
    let checked = 0;
    const sides = comparisons.flatMap((one) =>
      (['<', '==', '>'] satisfies Comparison[]).map((is) => ({ ...one, is })),
    );
    for (const side of sides) {
      checked += Number(await agreeAt(bench, side, 'permitted'));
      checked += Number(await agreeAt(bench, side, 'refused'));
    }
    expect(checked).toBeGreaterThan(comparisons.length * 2);
  }, 120_000);

  test('refuses to call unlike what differs by one', async () => {
    const bench = zBench(solving);
    const off = bench.rules.map((rule) =>
      rule.id === 'recurring' ? { ...rule, when: shifted(rule.when) } : rule,
    );
    const before = bench.encoder.permitted(bench.rules, bench.variables);
    const found = await solving.find(
      bench.domain,
      bench.encoder.permitted(off, bench.variables),
      before.not(),
    );
    expect(found.kind).toBe('some');
    if (found.kind !== 'some') return;
    const { situation } = bench.encoder.read(found.model, bench.variables);
    expect(situation.recurrence).toBe(3);
    expect(decide(bench.rules, subject, situation).permitted).toBe(false);
    expect(decide(off, subject, situation).permitted).toBe(true);
  });
});

function zBench(solving: Solving) {
  const rules = shipped.compiled.map(({ rule }) => rule);
  const encoder = new Encoder(solving.z3, textsIn(rules));
  const variables = encoder.variables();
  return { solving, rules, encoder, variables, domain: encoder.domain(variables) };
}
type ZBench = ReturnType<typeof zBench>;

async function agree(bench: ZBench, who: Subject, situation: Situation): Promise<void> {
  const { encoder, variables, rules } = bench;
  const formula = encoder.permitted(rules, variables);
  const found = await bench.solving.find(
    bench.domain,
    encoder.exactly(variables, who, situation),
    formula,
  );
  const ours = decide(rules, who, situation).permitted;
  expect(found.kind).toBe(ours ? 'some' : 'none');
  expect(askCedar('agreement', who, situation).permitted).toBe(ours);
}

/** False when there is no such situation. */
async function agreeAt(
  bench: ZBench,
  side: Compare,
  answer: 'permitted' | 'refused',
): Promise<boolean> {
  const { encoder, variables, rules } = bench;
  const formula = encoder.permitted(rules, variables);
  const found = await bench.solving.find(
    bench.domain,
    encoder.condition(side, variables),
    ...nearly(bench, side),
    ...knownIn(side, bench),
    answer === 'permitted' ? formula : formula.not(),
  );
  if (found.kind !== 'some') return false;
  const { subject: chosen, situation } = encoder.read(found.model, variables);
  const permitted = answer === 'permitted';
  expect(decide(rules, chosen, situation).permitted).toBe(permitted);
  expect(askCedar('agreement', chosen, situation).permitted).toBe(permitted);
  return true;
}

type Compare = Extract<Condition, { kind: 'compare' }>;

function comparisonsIn(condition: Condition): Compare[] {
  if (condition.kind === 'compare') return [condition];
  if (condition.kind === 'not') return comparisonsIn(condition.of);
  if (condition.kind === 'all' || condition.kind === 'any')
    return condition.of.flatMap(comparisonsIn);
  return [];
}

/** At most one away from where the comparison turns. */
function nearly(
  { encoder, variables }: ZBench,
  { left, right }: Pick<Compare, 'left' | 'right'>,
): Formula[] {
  if (right.kind !== 'number') return [];
  const bound = (value: number) => ({ kind: 'number', value }) as const;
  return [
    encoder.condition(
      { kind: 'compare', is: '>=', left, right: bound(right.value - 1) },
      variables,
    ),
    encoder.condition(
      { kind: 'compare', is: '<=', left, right: bound(right.value + 1) },
      variables,
    ),
  ];
}

function knownIn(condition: Condition, { variables }: ZBench): Formula[] {
  return [...factsIn(condition)].map((fact) => variables[fact].known);
}

function shifted(condition: Condition): Condition {
  if (condition.kind === 'all') return { ...condition, of: condition.of.map(shifted) };
  if (condition.kind !== 'compare' || condition.right.kind !== 'number') return condition;
  if (condition.left.kind !== 'fact' || condition.left.fact !== 'recurrence') return condition;
  return { ...condition, right: { kind: 'number', value: condition.right.value + 1 } };
}

function factsNow(): Situation {
  const [situation] = fc.sample(situations, { numRuns: 1, seed: 1 });
  if (situation === undefined) throw new Error('no situation');
  return { ...situation, targets: 1 };
}

const numberFacts = factNames.filter((fact) => kindOf(fact).kind === 'number');
const truthFacts = factNames.filter((fact) => kindOf(fact).kind === 'truth');
const leaves = fc.oneof(
  fc.constantFrom(...truthFacts).map((fact) => `context.${fact}`),
  fc.constantFrom(...factNames).map((fact) => `context has ${fact}`),
  fc
    .tuple(
      fc.constantFrom(...numberFacts),
      fc.constantFrom('<', '<=', '>', '>=', '==', '!='),
      fc.integer({ min: 0, max: 6 }),
    )
    .map(([fact, is, value]) => `context.${fact} ${is} ${value}`),
  fc
    .tuple(fc.constantFrom('==', '!='), fc.constantFrom('info', 'critical'))
    .map(([is, text]) => `context.tier ${is} "${text}"`),
  fc.constant('["restart", "configure"].contains(context.actionClass)'),
  fc.constant('context.level > context.ceiling'),
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaves,
    tie('condition').map((of) => `!(${of})`),
    fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one} && ${other})`),
    fc.tuple(tie('condition'), tie('condition')).map(([one, other]) => `(${one} || ${other})`),
  ),
}));
const policies = fc.record({
  effect: fc.constantFrom('permit', 'permit', 'forbid'),
  principal: fc.constantFrom(
    'principal',
    'principal',
    'principal == Runbook::"restart-service"',
    'principal == Runbook::"other"',
  ),
  when: condition,
  how: fc.constantFrom('when', 'when', 'unless'),
});

function compiledOf(
  written: readonly { effect: string; principal: string; when: string; how: string }[],
): Compiled[] {
  const text = written
    .map(
      ({ effect, principal, when, how }, at) =>
        `@id("p${at}") ${effect} (${principal}, action, resource) ${how} { ${when} };`,
    )
    .join('\n');
  return compileFile({ name: 'chance.cedar', text });
}

test('the rules by chance are read whole: every text gives as many rules as policies', () => {
  const rules: Rule[] = compiledOf([
    { effect: 'permit', principal: 'principal', when: 'context.level > 1', how: 'unless' },
    { effect: 'forbid', principal: 'principal', when: 'true', how: 'when' },
  ]).map(({ rule }) => rule);
  expect(rules.map(({ id, effect }) => [id, effect])).toEqual([
    ['p0', 'permit'],
    ['p1', 'forbid'],
  ]);
});
