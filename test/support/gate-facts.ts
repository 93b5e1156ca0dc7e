/** Facts under which every gate passes; a gate's test changes the one it is about. */
import { known } from '../../workflows/domain/verdict.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import type { GateFacts } from '../../workflows/gates/gate.js';
import type { GuardFacts } from '../../workflows/gates/guard-facts.js';
import { alertOf, storyStartMs } from './simulator/simulator.js';

export const step: PlannedStep = {
  name: 'restart',
  action: 'supervisor.restart',
  actionClass: 'restart',
  target: 'process:local/shop',
  says: 'restart shop on local',
  input: { host: 'local', process: 'shop' },
  before: { state: 'EXITED', pid: 0 },
  expected: { state: 'RUNNING', pid: -1 },
  irreversible: 'the process is gone',
  bounds: {},
};

/** What cannot be read, and why. */
export const unread = { known: false, why: 'the table is locked' } as const;

/** No guard has anything to say. */
export const quiet: GuardFacts = {
  frozen: known([]),
  recurring: known(null),
  storms: known([]),
  sickDependencies: known([]),
  radii: known([]),
  risk: known(null),
  errorBudget: known(null),
  rates: known([]),
  circuits: known([]),
};

/** The guards are quiet but for what a test is about. */
export function guardedBy(over: Partial<GuardFacts>): GateFacts {
  return factsWith({ guards: { ...quiet, ...over } });
}

export function factsWith(over: Partial<GateFacts> = {}): GateFacts {
  return {
    nowMs: storyStartMs + 1000,
    run: 'restart-service.fp.1',
    alert: alertOf('ServiceDown'),
    resolved: false,
    maxAgeMs: 60_000,
    steps: [step],
    stops: known([]),
    self: known(['belay*', 'process:*/belay*']),
    quarantined: known([]),
    leases: known([]),
    permissions: known([{ step: 'restart', level: 4, why: 'class restart' }]),
    asked: known({ level: 4, approvalsMin: 1 }),
    agreed: null,
    guards: quiet,
    ...over,
  };
}
