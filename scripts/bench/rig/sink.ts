/**
 * A world that costs nothing: every service has a process that is down until it is restarted, and down again once its
 * alert was seen to clear. It notes when each effect starts: what is measured is the engine, not a system it repairs.
 */
import {
  implementAction,
  implementFact,
  type Implementation,
} from '../../../activities/adapter.js';
import { alertCleared, probeAnswers } from '../../../workflows/actions/monitor.js';
import { anyNewPid, findProcess, restartProcess } from '../../../workflows/actions/supervisor.js';
import type { Health } from '../../../workflows/actions/action.js';
import { bareEffect } from '../workflows/bare-effect.js';
import { clockMs } from './clock.js';

/** Operation id, and when its effect started on the bench's clock. */
export type EffectStart = readonly [operation: string, atMs: number];

export interface Sink {
  readonly implementations: readonly Implementation[];
  /** What started since the last call. */
  take(): readonly EffectStart[];
}

/** Started before any run, as a process that died a while ago says. */
const since = '2026-01-01T00:00:00.000Z';
const host = 'sink';

export function createSink(): Sink {
  const restarted = new Set<string>();
  let starts: EffectStart[] = [];
  const stateOf = (process: string) =>
    restarted.has(process) ? { state: 'RUNNING', pid: 1 } : { state: 'EXITED', pid: 0 };
  const healthOf = (process: string): Promise<Health> => {
    const well = restarted.has(process);
    return Promise.resolve({ well, seen: well ? 'it answers' : 'connection refused' });
  };
  return {
    implementations: [
      implementFact(findProcess, ({ service }) => {
        return Promise.resolve({ host, process: service, ...stateOf(service), since });
      }),
      implementFact(probeAnswers, ({ service }) => healthOf(service)),
      implementFact(alertCleared, ({ alert }) => {
        const health = healthOf(alert.service);
        restarted.delete(alert.service);
        return health;
      }),
      implementAction(restartProcess, {
        look: ({ process }) => Promise.resolve(stateOf(process)),
        plan: () => ({ state: 'RUNNING', pid: anyNewPid }),
        apply: ({ operationId, input }) => {
          starts.push([operationId, clockMs()]);
          restarted.add(input.process);
          return Promise.resolve(stateOf(input.process));
        },
        verify: ({ input }) => healthOf(input.process),
        undo: ({ before }) => Promise.resolve(before),
      }),
      implementFact(bareEffect, ({ operationId }) => {
        starts.push([operationId, clockMs()]);
        return Promise.resolve(null);
      }),
    ],
    take() {
      const taken = starts;
      starts = [];
      return taken;
    },
  };
}
