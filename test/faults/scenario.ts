/** The runs that faults are put into: which runbook, in which world, under which policy, and what people do. Plays nothing. */
import type { Runbook } from '../../workflows/runbook.js';
import type { FakeService, FakeWorld } from '../support/fake-world/fake-world.js';
import type { Harness } from '../unwind/harness.js';
import type { PolicyName } from './policies.js';

export interface Scenario {
  /** `<runbook>, <what is special about it>`. */
  readonly name: string;
  readonly runbook: Runbook;
  readonly alertname: string;
  readonly services: Readonly<Record<string, FakeService>> | undefined;
  readonly given: (world: FakeWorld) => void;
  readonly policy: PolicyName;
  /** A person says yes half a minute after each time people are asked. */
  readonly approves: boolean;
  /** A person has the finished repair taken back five minutes after it was resolved. */
  readonly undoes: boolean;
  /** Steps that can be under way at once: so many may have passed the last boundary when a halt comes. */
  readonly width: number;
}

export interface Ran {
  readonly runbook: Runbook;
  readonly harness: Harness;
  readonly width?: number;
}

/** The five runs every runbook is played in. */
export function scenariosOf({ runbook, harness, width = 1 }: Ran): Scenario[] {
  const { alertname, services, helps, helpsNot } = harness;
  const common = { runbook, alertname, services, width, approves: false, undoes: false };
  const named = (what: string) => `${runbook.meta.name}, ${what}`;
  return [
    { ...common, name: named('helps'), given: helps, policy: 'alone' },
    { ...common, name: named('helps not'), given: helpsNot, policy: 'alone' },
    { ...common, name: named('approved'), given: helps, policy: 'approval', approves: true },
    { ...common, name: named('veto window'), given: helps, policy: 'veto-window' },
    { ...common, name: named('taken back'), given: helps, policy: 'alone', undoes: true },
  ];
}
