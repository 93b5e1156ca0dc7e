/**
 * Intake and remediation worker in one process, for one machine: less memory, and a run's first turn comes back with its start.
 * Puts the two together and adds nothing; larger places run each as a process of its own.
 */
import { pathToFileURL } from 'node:url';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { Implementation } from '../activities/adapter.js';
import { startIntake, type Intake } from './intake.js';
import { readPullSettings, type PullSettings } from './intake/pull/settings.js';
import { createTemporalRuns } from './intake/temporal-runs.js';
import { startRemediation, type Remediation } from './remediation.js';
import { readSettings, type Settings } from './settings.js';

export interface Both {
  readonly intake: Intake;
  readonly remediation: Remediation;
  /** The intake first: what nobody works on any more is better kept by its sender. */
  stop(): Promise<void>;
}

/** Resolves once alerts and runs are taken. Throws what either throws; then neither is left running. */
export async function startBoth(options: {
  readonly settings: Settings;
  readonly log: Logger;
  /** Those of the targets file unless given. */
  readonly adapters?: readonly Implementation[];
  /** Which monitors are asked for what they did not send; none unless given. */
  readonly pull?: PullSettings;
}): Promise<Both> {
  const { settings, log, pull } = options;
  const remediation = await startRemediation(options);
  const { client } = remediation;
  const runs = createTemporalRuns({ client, requestEagerStart: true });
  try {
    const intake = await startIntake({
      settings,
      log,
      runs,
      pull,
    });
    return {
      intake,
      remediation,
      async stop() {
        await intake.stop();
        await remediation.stop();
      },
    };
  } catch (error) {
    await remediation.stop();
    throw error;
  }
}

/** Exits with a sentence when it cannot start, and when its worker broke: whoever supervises it starts it again. */
async function main(): Promise<void> {
  const log = pino({ name: 'engine' });
  try {
    Runtime.install({
      logger: new DefaultLogger('WARN', ({ level, message }) => log.warn({ level }, message)),
      shutdownSignals: [],
    });
    const pull = readPullSettings(process.env);
    const both = await startBoth({ settings: readSettings(process.env), log, pull });
    const stop = (): void => void both.stop();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    await both.remediation.ended;
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'it cannot start');
    process.exit(1);
  }
}

/** The name too: in a bundle of several processes the first condition holds for every one of them. */
const program = process.argv[1] ?? '';
const isMain = import.meta.url === pathToFileURL(program).href;
if (isMain && /[/\\]engine\.[cm]?[jt]s$/.test(program)) await main();
