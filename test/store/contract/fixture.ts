/** What the store tests speak of: one policy table, one alert, and the calls of a run about it. */
import type { Alert } from '../../../workflows/domain/alert.js';
import type { Entry } from '../../../workflows/domain/entry.js';
import type { PlannedStep, Proposal } from '../../../workflows/domain/plan.js';
import type { Judgement, JudgeInput } from '../../../workflows/store.js';
import { parsePolicy } from '../../../activities/policy/parse.js';

export const policyTable = parsePolicy(
  `version: 1
self: [belay*, process:*/belay*]
levels:
  restart: { info: 4, warning: 4, critical: 3 }
  configure: { warning: 3 }
approvalsMin: 2
overseers: [console]
chains: { default: [{ notify: on-call, wait: 5m }] }
services:
  shop: { tier: warning, environment: demo }
  belay-console: { tier: warning, environment: demo }
`,
  'services.yaml',
);

export const nowMs = Date.parse('2026-01-01T00:01:00Z');
const alert: Alert = {
  source: 'test',
  fingerprint: 'f1',
  name: 'ServiceDown',
  status: 'firing',
  severity: 'page',
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: null,
  service: 'shop',
  environment: 'demo',
  labels: {},
  annotations: {},
  link: null,
};

function stepOn(target: string, actionClass = 'restart'): PlannedStep {
  return {
    name: `on ${target}`,
    action: `test.${actionClass}`,
    actionClass,
    target,
    says: `touch ${target}`,
    input: {},
    before: { is: 'down' },
    expected: { is: 'up' },
    irreversible: null,
    bounds: {},
  };
}

function proposalOn(targets: readonly string[], actionClass?: string): Proposal {
  return {
    runbook: 'restart-service',
    round: 1,
    steps: targets.map((target) => stepOn(target, actionClass)),
    done: [],
    confirmations: [],
    because: [],
    planHash: 'ab'.repeat(32),
  };
}

export function refOf(run: string, service = 'shop') {
  return { run, runbook: 'restart-service', trigger: 'alert', alert: { ...alert, service } };
}

export function judging(
  run: string,
  targets: readonly string[],
  also: Partial<JudgeInput> = {},
): JudgeInput {
  return {
    ...refOf(run),
    entries: [],
    notices: [],
    proposal: proposalOn(targets),
    maxAgeMs: 900_000,
    resolved: false,
    nowMs,
    ...also,
  };
}

export function entry(says: string, also: Partial<Entry> = {}): Entry {
  return { kind: 'signal', says, atMs: nowMs, ...also };
}

export function lastOf({ gates }: Judgement) {
  return gates.at(-1);
}
