/** What a decision of policy costs: the shipped set, from the question to the answer with its trace; and the proofs of that set. */
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { ownInvariants } from '../../../activities/policy/prove/invariants.js';
import { prove } from '../../../activities/policy/prove/prove.js';
import { withSolver } from '../../../activities/policy/prove/solver.js';
import { readSetFiles } from '../../../activities/policy/set-files.js';
import { compileSet } from '../../../activities/policy/set.js';
import { createPolicy, type FactsReader, type Policy } from '../../../activities/policy/source.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import type { PlannedStep } from '../../../workflows/domain/plan.js';
import { known } from '../../../workflows/domain/verdict.js';
import { projectFolder } from '../../engine/project-folder.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';

/** Decisions that are not counted: the engine's code and Cedar's become hot. */
const warmUps = 2_000;
const decisions = { quick: 1_000, usual: 20_000 } as const;

/** Every fact is known, so that every policy is looked at. */
const wellKnown: FactsReader = {
  read: () =>
    Promise.resolve({
      ...{ stopped: known(false), frozen: known(false), confidence: known(90) },
      ...{ recurrence: known(0), errorBudget: known(60), trust: known(4) },
      ...{ targetShare: known(10), healthyAfter: known(80), telemetryAge: known(20) },
    }),
};

export async function measurePolicy({ keep }: Ground, { name }: Size): Promise<Figure[]> {
  const path = join(projectFolder(), 'policies', 'services.yaml');
  const policy = createPolicy({ path, facts: wellKnown });
  const count = name === 'quick' ? decisions.quick : decisions.usual;
  await timesOf(policy, warmUps);
  const ms = await timesOf(policy, count);
  keep({ what: 'policy-decision', perSecond: null, round: 1, ms });
  const [proofs, tookMs] = await proved(path);
  return [
    figureOf({ name: 'policy-decision-p50', value: percentile(ms, 0.5), unit: 'ms' }),
    figureOf({ name: 'policy-decision-p99', value: percentile(ms, 0.99), unit: 'ms', atMost: 1 }),
    figureOf({
      name: 'policy-prove',
      value: tookMs / 1000,
      unit: 's',
      atMost: 10,
      note: `${proofs} invariants`,
    }),
  ];
}

async function timesOf(policy: Policy, count: number): Promise<number[]> {
  const ms: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startedMs = performance.now();
    const answer = await policy.ask({ ...question, nowMs: Date.now() });
    ms.push(performance.now() - startedMs);
    if (!answer.known || answer.value.terms?.level !== 4) throw new Error('policy said no');
  }
  return ms;
}

async function proved(path: string): Promise<[count: number, tookMs: number]> {
  const { compiled } = compileSet(await readSetFiles(path));
  const rules = compiled.map(({ rule }) => rule);
  const startedMs = performance.now();
  const proofs = await withSolver((solving) => prove(rules, ownInvariants(), solving));
  return [proofs.filter(({ result }) => result === 'proved').length, performance.now() - startedMs];
}

const alert: Alert = {
  ...{ source: 'bench', fingerprint: 'f', name: 'ServiceDown', status: 'firing' },
  ...{ severity: 'page', startsAt: '2026-01-01T00:00:00Z', endsAt: null, service: 'shop' },
  ...{ environment: 'demo', labels: {}, annotations: {}, link: null },
};

const step: PlannedStep = {
  ...{ name: 'restart', action: 'process.restart', actionClass: 'restart', says: 'restart shop' },
  ...{ target: 'process:local/shop', input: {}, before: null, expected: null, bounds: {} },
  irreversible: 'a restart is a restart',
};

const question = { runbook: 'restart-service', alert, steps: [step] };
