/** Table tests of policies: facts in, level out, as YAML beside the policies. Runs them; knows no file. */
import { z } from 'zod';
import type { SetFile } from './cedar.js';
import { concerns, holds, type LevelDecision } from './evaluate.js';
import {
  factNamed,
  factNames,
  fits,
  mayBeAbsent,
  type Facts,
  type FactName,
  type FactValue,
} from './fact.js';
import { readYaml } from './parse.js';
import type { Rule, Subject } from './rule.js';
import type { AskLevel } from './set.js';

/** What a case leaves out. Nothing that may be unknown: a case says what is known. */
const usual: Partial<Record<FactName, FactValue>> = {
  environment: 'production',
  tier: 'warning',
  ceiling: 5,
  approvalsMin: 1,
  reversible: true,
  excepted: false,
  targets: 1,
};

/** null takes a fact of the base away: it is then not known. */
const factsSchema = z
  .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]))
  .superRefine((given, context) => {
    for (const [key, value] of Object.entries(given)) {
      const name = factNamed(key);
      const known = `there are ${factNames.filter((one) => one !== 'level').join(', ')}`;
      if (name === undefined || name === 'level') {
        context.addIssue({ code: 'custom', path: [key], message: `is no fact; ${known}` });
      } else if (value === null ? !mayBeAbsent(name) : !fits(name, value)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: `${String(value)} is no value of it`,
        });
      }
    }
  });

const level = z.union(
  [z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5), z.null()],
  { error: 'a level is 1, 2, 3, 4 or 5; null where nothing is permitted' },
);

const fileSchema = z.strictObject({
  /** Facts of every case of the file. */
  base: factsSchema.default({}),
  cases: z
    .array(
      z
        .strictObject({
          name: z.string().min(1).max(200),
          runbook: z.string().min(1).max(100).default('any'),
          service: z.string().min(1).max(100).default('any'),
          facts: factsSchema.default({}),
          level: level.optional(),
          /** For a case that every set must pass: so much, or less. */
          atMost: level.optional(),
          /** Ids of the policies that must be the ones that permit it. */
          by: z.array(z.string()).optional(),
          /** Ids of policies that must be among those that forbid the next level. */
          held: z.array(z.string()).optional(),
        })
        .refine((one) => (one.level === undefined) !== (one.atMost === undefined), {
          error: 'a case says level, or atMost',
        }),
    )
    .min(1)
    .max(5000),
});

export interface PolicyCase {
  readonly file: string;
  readonly name: string;
  readonly subject: Subject;
  readonly facts: Facts;
  /** Null where nothing may be permitted. */
  readonly level: number | null;
  /** That level; or at most that one. */
  readonly is: 'exactly' | 'at-most';
  readonly by: readonly string[] | null;
  readonly held: readonly string[] | null;
}

/** Throws a PolicyError with file, line and column. */
export function parseCases(file: SetFile): PolicyCase[] {
  const { base, cases } = readYaml(file, fileSchema);
  return cases.map(({ name, runbook, service, facts, level: exactly, atMost, by, held }) => {
    const merged = Object.entries({ ...usual, ...base, ...facts });
    const known = Object.fromEntries(merged.filter(([, value]) => value !== null));
    return {
      file: file.name,
      name,
      subject: { runbook, service },
      facts: { actionClass: 'none', ...known } as unknown as Facts,
      level: exactly ?? atMost ?? null,
      is: atMost === undefined ? 'exactly' : 'at-most',
      by: by ?? null,
      held: held ?? null,
    };
  });
}

export interface CaseResult {
  readonly case: PolicyCase;
  readonly decision: LevelDecision;
  /** What is not as the case says; null when all is. */
  readonly wrong: string | null;
}

/** In the order of the cases. */
export function runCases(cases: readonly PolicyCase[], ask: AskLevel): CaseResult[] {
  return cases.map((one) => {
    const decision = ask(one.subject, one.facts);
    return { case: one, decision, wrong: wrongIn(one, decision) };
  });
}

function wrongIn(one: PolicyCase, { level: got, by, heldBy, error }: LevelDecision): string | null {
  if (error !== null) return error;
  const isWrong = one.is === 'exactly' ? got !== one.level : (got ?? 0) > (one.level ?? 0);
  if (isWrong) {
    const held = heldBy.length === 0 ? '' : `; ${heldBy.join(', ')} forbid more`;
    const wanted = `${one.is === 'exactly' ? '' : 'at most '}${one.level ?? 'none'}`;
    return `level ${got ?? 'none'} instead of ${wanted} (by ${by.join(', ') || 'nobody'}${held})`;
  }
  const missing = (one.held ?? []).filter((id) => !heldBy.includes(id));
  if (missing.length > 0) return `${missing.join(', ')} did not forbid the next level`;
  if (one.by === null || one.by.toSorted().join() === by.join()) return null;
  return `permitted by ${by.join(', ')} instead of ${one.by.join(', ')}`;
}

export interface Coverage {
  readonly policy: string;
  readonly effect: Rule['effect'];
  /** A case in which it decided: permitted the level, or forbade the next one. */
  readonly decides: string | null;
  /** A case in which it did not hold at any level. */
  readonly rests: string | null;
}

/** For each policy, whether the cases show both of its sides. */
export function coverageOf(rules: readonly Rule[], results: readonly CaseResult[]): Coverage[] {
  return rules.map((rule) => {
    const decides = results.find(({ decision }) =>
      (rule.effect === 'permit' ? decision.by : decision.heldBy).includes(rule.id),
    );
    const rests = results.find((result) => !holdsSomewhere(rule, result.case));
    return {
      policy: rule.id,
      effect: rule.effect,
      decides: decides?.case.name ?? null,
      rests: rests?.case.name ?? null,
    };
  });
}

function holdsSomewhere(rule: Rule, { subject, facts }: PolicyCase): boolean {
  if (!concerns(rule, subject)) return false;
  return [1, 2, 3, 4, 5].some((at) => holds(rule.when, { ...facts, level: at }));
}
