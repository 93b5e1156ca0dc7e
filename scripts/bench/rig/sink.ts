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
import { post } from './post.js';

/** Operation id, and when its effect started on the bench's clock. */
export type EffectStart = readonly [operation: string, atMs: number];

export interface Sink {
  readonly implementations: readonly Implementation[];
  /** An effect starts now. */
  note(operation: string): void;
  /** What started since the last call. */
  take(): readonly EffectStart[];
  /** From now on each restart is an HTTP call to that sink, as it is for every peer; null ends it. */
  forwardTo(url: string | null): void;
}

/** What a world knows of its processes. */
interface Memory {
  isUp(process: string): boolean;
  wentUp(process: string): void;
  wentDown(process: string): void;
}

/** Started before any run, as a process that died a while ago says. */
const since = '2026-01-01T00:00:00.000Z';
const host = 'sink';

/** A world in this process's memory: one worker's. */
export function createSink(): Sink {
  const up = new Set<string>();
  return sinkOver({
    isUp: (process) => up.has(process),
    wentUp: (process) => void up.add(process),
    wentDown: (process) => void up.delete(process),
  });
}

/** A world that several workers may share, since it remembers nothing: always down when looked at, always well when asked. */
export function createForgetfulSink(): Sink {
  const nothing = (): void => undefined;
  return sinkOver({ isUp: () => false, wentUp: nothing, wentDown: nothing }, 'always-well');
}

function sinkOver(
  memory: Memory,
  wellness: 'as-remembered' | 'always-well' = 'as-remembered',
): Sink {
  let starts: EffectStart[] = [];
  let forward: string | null = null;
  const note = (operation: string): void => void starts.push([operation, clockMs()]);
  const stateOf = (process: string) =>
    memory.isUp(process) ? { state: 'RUNNING', pid: 1 } : { state: 'EXITED', pid: 0 };
  const healthOf = (process: string): Promise<Health> => {
    const well = wellness === 'always-well' || memory.isUp(process);
    return Promise.resolve({ well, seen: well ? 'it answers' : 'connection refused' });
  };
  return {
    note,
    forwardTo: (url) => void (forward = url),
    implementations: [
      implementFact(findProcess, ({ service }) => {
        return Promise.resolve({ host, process: service, ...stateOf(service), since });
      }),
      implementFact(probeAnswers, ({ service }) => healthOf(service)),
      implementFact(alertCleared, ({ alert }) => {
        const health = healthOf(alert.service);
        memory.wentDown(alert.service);
        return health;
      }),
      implementAction(restartProcess, {
        look: ({ process }) => Promise.resolve(stateOf(process)),
        plan: () => ({ state: 'RUNNING', pid: anyNewPid }),
        async apply({ operationId, input }) {
          note(operationId);
          if (forward !== null) await call(forward, operationId);
          memory.wentUp(input.process);
          return { state: 'RUNNING', pid: 1 };
        },
        verify: ({ input }) => healthOf(input.process),
        undo: ({ before }) => Promise.resolve(before),
      }),
      implementFact(bareEffect, ({ operationId }) => {
        note(operationId);
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

async function call(url: string, operation: string): Promise<void> {
  const { status } = await post(`${url}/effect/${encodeURIComponent(operation)}`, { body: '{}' });
  if (status !== 200) throw new Error(`the sink answered ${status}`);
}
