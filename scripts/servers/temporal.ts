/** Temporal's development server on a file, tuned; or the server that TEMPORAL_ADDRESS names, which is left as it is. */
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { startChild } from './child.js';
import { findServer, programOf } from './found.js';
import { freePort, isListening } from './port.js';

const run = promisify(execFile);

export interface TemporalPlan {
  /** Keeps the server's file and log; used again it starts with the same runs. */
  readonly dataFolder: string;
  readonly port?: number;
  /** Without it a free one is taken, unless `headless`. */
  readonly uiPort?: number;
  readonly headless?: boolean;
  /** Created when missing; without it `default`. */
  readonly namespace?: string;
  /** Name to type; without it those that every run shows. */
  readonly searchAttributes?: Readonly<Record<string, string>>;
  /** `false` starts it as it comes, in memory: the bench compares with it. */
  readonly tuned?: boolean;
}

export interface TemporalServer {
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl?: string;
  /** Absent when the server is not ours. */
  readonly pid?: number;
  /** Resolves when the process ended by itself or by `stop`; never for a server that is not ours. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** What people filter runs by in Temporal's own lists. */
export const runSearchAttributes: Readonly<Record<string, string>> = {
  BelayState: 'Keyword',
  BelayGate: 'Keyword',
  BelayRunbook: 'Keyword',
  BelayService: 'Keyword',
  BelayLevel: 'Keyword',
  BelayOutcome: 'Keyword',
  BelayReason: 'Keyword',
};

/** One task-queue partition and unhurried queue readers are what makes the defaults twelve times slower. */
export const tunedFlags: readonly string[] = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'history.transferProcessorMaxPollRPS=5000',
  'history.transferProcessorMaxPollHostRPS=0',
  'history.timerProcessorMaxPollRPS=5000',
  'history.timerProcessorMaxPollHostRPS=0',
  'history.visibilityProcessorMaxPollRPS=5000',
  'history.visibilityProcessorMaxPollHostRPS=0',
  'system.enableActivityEagerExecution=true',
].flatMap((setting) => ['--dynamic-config-value', setting]);

/** Ready to take runs when it resolves: namespace and search attributes are there. Throws with the server's log. */
export async function startTemporal(plan: TemporalPlan): Promise<TemporalServer> {
  const namespace = plan.namespace ?? 'default';
  const found = findServer('temporal');
  if ('address' in found) return existing(found.address, namespace);
  const port = plan.port ?? (await freePort());
  const uiPort = plan.headless ? undefined : (plan.uiPort ?? (await freePort()));
  const address = `127.0.0.1:${port}`;
  const attributes = plan.searchAttributes ?? runSearchAttributes;
  mkdirSync(plan.dataFolder, { recursive: true });
  const child = await startChild({
    name: 'temporal',
    program: programOf('temporal'),
    args: ['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)].concat(
      ['--log-level', 'warn', '--namespace', namespace],
      uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)],
      Object.entries(attributes).flatMap(([key, type]) => ['--search-attribute', `${key}=${type}`]),
      plan.tuned === false ? [] : fileFlags(plan.dataFolder).concat(tunedFlags),
    ),
    logFile: join(plan.dataFolder, 'temporal.log'),
    ready: async () =>
      (await isListening(port)) && takesRuns(address, namespace, Object.keys(attributes)),
    readyWithinMs: 60_000,
  });
  const uiUrl = uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${uiPort}` };
  return { address, namespace, ...uiUrl, ...child };
}

function existing(address: string, namespace: string): TemporalServer {
  return {
    address,
    namespace: process.env['TEMPORAL_NAMESPACE'] ?? namespace,
    ended: new Promise(() => undefined),
    stop: () => Promise.resolve(),
  };
}

/** What an answered call wrote survives a power loss. */
function fileFlags(dataFolder: string): string[] {
  const file = join(dataFolder, 'temporal.db');
  const pragmas = ['journal_mode=WAL', 'synchronous=FULL'];
  return ['--db-filename', file, ...pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])];
}

/** Asked with the server's own program: whoever keeps a server running need not hold a client in memory for it. */
async function takesRuns(
  address: string,
  namespace: string,
  attributes: readonly string[],
): Promise<boolean> {
  const args = ['operator', 'search-attribute', 'list', '--output', 'json', '--address', address];
  const { stdout } = await run(programOf('temporal'), [...args, '--namespace', namespace], {
    timeout: 5_000,
  });
  const known = z.object({ customAttributes: z.record(z.string(), z.unknown()).optional() });
  const { customAttributes = {} } = known.parse(JSON.parse(stdout));
  return attributes.every((name) => name in customAttributes);
}
