/** The shipped policies are proved at each change; and a policy that is taken away is missed by the proof that needs it. */
import { describe, expect, test } from '@jest/globals';
import { decide, holds } from '../../activities/policy/evaluate.js';
import { newlyAllowed } from '../../activities/policy/prove/difference.js';
import { ownInvariants } from '../../activities/policy/prove/invariants.js';
import { lifted } from '../../activities/policy/prove/lifted.js';
import { prove, type Proof } from '../../activities/policy/prove/prove.js';
import { withSolver } from '../../activities/policy/prove/solver.js';
import type { Rule } from '../../activities/policy/rule.js';
import { compileSet } from '../../activities/policy/set.js';
import { policyText, setOf, shippedFiles, shippedRules } from './made-sets.js';

const rules = shippedRules();
const invariants = ownInvariants();

function proofsOf(of: readonly Rule[]): Promise<Proof[]> {
  return withSolver((solving) => prove(of, invariants, solving));
}

const failing = (proofs: readonly Proof[]): string[] =>
  proofs.filter(({ result }) => result !== 'proved').map(({ id }) => id);

describe('the shipped policies', () => {
  test('keep every invariant, of which there are more than twelve', async () => {
    const proofs = await proofsOf(rules);
    expect(failing(proofs)).toEqual([]);
    expect(proofs.length).toBeGreaterThan(12);
  }, 300_000);

  const guarded: [string, string][] = [
    ['switched-off', 'switch-off'],
    ['no-target', 'no-target'],
    ['ceiling', 'ceiling'],
    ['irreversible', 'reversible-alone'],
    ['critical-alone', 'critical-two-people'],
    ['minimum-healthy', 'minimum-healthy'],
    ['spent-budget', 'spent-budget'],
    ['frozen', 'frozen'],
    ['recurring', 'recurring'],
    ['earned-only', 'earned'],
    ['unapproved-resource', 'approved-resource'],
    ['wide', 'wide-alone'],
    ['stale-telemetry', 'fresh-telemetry'],
    ['unknown-facts', 'known-alone'],
  ];
  test('miss each guard that is taken away, and say so in words', async () => {
    await withSolver(async (solving) => {
      for (const [policy, invariant] of guarded) {
        const without = rules.filter(({ id }) => id !== policy);
        expect(without).toHaveLength(rules.length - 1);
        const asked = invariants.filter(({ id }) => id === invariant);
        const [proof] = await prove(without, asked, solving);
        expect({ policy, result: proof?.result }).toEqual({ policy, result: 'refuted' });
        expect(proof?.counterexample).toMatch(
          /^runbook .* where the level asked for is \d.*: permitted by [\w-]+/,
        );
      }
    });
  }, 300_000);
});

describe('what is true of every set', () => {
  const rulesOf = (text: string): Rule[] =>
    compileSet(setOf(text)).compiled.map(({ rule }) => rule);
  const granted = policyText(
    'a',
    'permit',
    'context.level <= 4 && context.actionClass == "restart"',
  );

  test('a level that is permitted without the one below it is found', async () => {
    const proofs = await proofsOf(
      rulesOf(granted + policyText('b', 'forbid', 'context.level == 2')),
    );
    expect(failing(proofs)).toContain('nested');
  });

  test('a policy that decides nothing is found by name', async () => {
    const idle = policyText('idle', 'forbid', 'context.actionClass == "delete"');
    const proof = (await proofsOf(rulesOf(granted + idle))).find(({ id }) => id === 'reachable');
    expect(proof?.counterexample).toBe('policy idle forbids nothing that is granted');
  });

  test('a set that permits nothing is no good set', async () => {
    const proofs = await proofsOf(rulesOf(policyText('a', 'permit', 'context.level <= 1')));
    expect(failing(proofs)).toContain('not-extreme');
  });
});

test('every counterexample is one for the evaluator too', async () => {
  const bare = rules.filter(({ effect }) => effect === 'permit');
  await withSolver(async (solving) => {
    const { Encoder, textsIn } = await import('../../activities/policy/prove/encode.js');
    for (const { never } of invariants) {
      const encoder = new Encoder(solving.z3, textsIn(bare));
      const variables = encoder.variables();
      const found = await solving.find(
        encoder.domain(variables),
        encoder.permitted(bare, variables),
        encoder.condition(never, variables),
      );
      if (found.kind !== 'some') continue;
      const { subject, situation } = encoder.read(found.model, variables);
      expect(decide(bare, subject, situation).permitted).toBe(true);
      expect(holds(never, situation)).toBe(true);
    }
  });
}, 300_000);

describe('what a change newly allows', () => {
  const files = shippedFiles();
  const set = (cedar: (text: string) => string, services = (text: string) => text) => {
    const changed = {
      ...files,
      cedar: files.cedar.map((file) => ({ ...file, text: cedar(file.text) })),
      services: { ...files.services, text: services(files.services.text) },
    };
    const { table, approved, compiled } = compileSet(changed);
    return { table, approved, rules: compiled.map(({ rule }) => rule) };
  };
  const same = (text: string): string => text;
  const before = set(same);
  const allowedBy = (after: typeof before) =>
    withSolver((solving) => newlyAllowed(before, after, solving));

  test('is nothing when words change, or when it forbids more', async () => {
    const stricter = set((text) =>
      text.replace('context.recurrence >= 3', 'context.recurrence >= 2'),
    );
    expect(await allowedBy(stricter)).toEqual({ allowed: [], complete: true });
    expect(lifted(before, stricter)).toEqual([]);
  });

  test('is told in words when a number is one higher', async () => {
    const after = set((text) => text.replace('context.recurrence >= 3', 'context.recurrence >= 4'));
    const { allowed, complete } = await allowedBy(after);
    expect(complete).toBe(true);
    expect(allowed.length).toBeGreaterThan(0);
    for (const { situation } of allowed) {
      expect(situation.recurrence).toBe(3);
      expect(situation.level).toBeGreaterThan(3);
    }
  });

  test('is told for the service whose tier or cap changes, and for one that is new', async () => {
    const critical = (text: string): string => text.replace('tier: warning', 'tier: critical');
    const lower = await withSolver((solving) => newlyAllowed(set(same, critical), before, solving));
    expect(lower.allowed.map(({ says }) => says).join()).toMatch(
      /service shop: .*the tier is warning/,
    );
    const raise = await withSolver((solving) => newlyAllowed(before, set(same, critical), solving));
    expect(raise.allowed.every(({ situation }) => (situation.level ?? 0) <= 4)).toBe(true);
    const more = (text: string): string => `${text}  till: { tier: info, environment: demo }\n`;
    const { allowed } = await allowedBy(set(same, more));
    expect(allowed.map(({ subject }) => subject.service)).toContain('till');
  });

  test('is told for what is no policy: caps, approvers, lists', () => {
    const capped = (text: string): string =>
      `${text}runbooks:\n  tune-retries: { level: 2, approvalsMin: 2 }\n`;
    expect(lifted(set(same, capped), before)).toEqual([
      'services.yaml no longer caps runbook tune-retries at 2',
      'services.yaml asks the default number of instead of 2 approvers for runbook tune-retries',
    ]);
    const open = { ...before, approved: { ...before.approved, ports: [443], exceptions: [] } };
    expect(lifted(before, open)).toEqual(['ports: 443 is approved']);
    expect(lifted(open, before)[0]).toContain('runbook restart-service is excepted for restart');
  });
});
