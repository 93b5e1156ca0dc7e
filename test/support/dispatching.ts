/** An inbox with its dispatcher on a real PostgreSQL, without HTTP; runs are only noted, and listed as a worker would list them. */
import { sql } from 'kysely';
import type { Db } from '../../activities/store/db.js';
import { createBacklog } from '../../activities/store/backlog.js';
import { createDeadLetters } from '../../activities/store/dead-letters.js';
import { createInbox } from '../../activities/store/inbox.js';
import type { StormSettings } from '../../activities/store/storm-rules.js';
import { createReception } from '../../activities/store/reception.js';
import { createStorms } from '../../activities/store/storms.js';
import { accept } from '../../workers/intake/acceptance.js';
import { deliver } from '../../workers/intake/delivery.js';
import { createUnpacker } from '../../workers/intake/unpacker.js';
import { createDispatcher } from '../../workers/intake/dispatcher.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import type { Runs } from '../../workers/intake/runs.js';
import { createStormWatch } from '../../workers/intake/storm.js';
import { createMetrics } from '../../workers/metrics.js';
import type { Alert } from '../../workflows/domain/alert.js';
import type { Routable } from '../../workflows/domain/routing.js';
import { quietLog } from './intake.js';

export const catalogue: readonly Routable[] = [
  { meta: { name: 'restart-service', handles: [{ alertname: 'ServiceDown' }] } },
];

export const startsAt = '2026-11-21T01:03:41Z';

/** A firing, unless it is told when it ended. */
export function alertLike(over: Partial<Alert> & { readonly fingerprint: string }): Alert {
  return {
    source: 'alertmanager',
    name: 'ServiceDown',
    status: over.endsAt === undefined ? 'firing' : 'resolved',
    severity: 'page',
    startsAt,
    endsAt: null,
    service: 'shop',
    environment: 'production',
    labels: {},
    annotations: {},
    link: null,
    ...over,
  };
}

/** Runs that begin and are told; nothing works on them. */
export interface NotedRuns extends Runs {
  readonly started: { readonly run: string; readonly fingerprint: string; readonly atMs: number }[];
  readonly signals: { readonly run: string; readonly message: string }[];
}

/** `listedAs` is the state in which a run is listed as soon as it began; null is what the list knows without a worker. */
export function notedRuns(db: Db, listedAs: () => string | null): NotedRuns {
  const started: NotedRuns['started'] = [];
  const signals: NotedRuns['signals'] = [];
  return {
    started,
    signals,
    async start({ run, runbook, alert }) {
      if (started.some((known) => known.run === run)) return 'already-started';
      started.push({ run, fingerprint: alert.fingerprint, atMs: Date.now() });
      const state = listedAs();
      if (state !== null) {
        await sql`
          INSERT INTO runs (run, runbook, service, environment, trigger, alert, state)
          VALUES (${run}, ${runbook}, 'shop', 'production', 'alert', ${JSON.stringify(alert)}, ${state})
          ON CONFLICT (run) DO NOTHING`.execute(db);
      }
      return 'started';
    },
    signal({ run, message }) {
      signals.push({ run, message });
      return Promise.resolve('sent');
    },
  };
}

export interface Dispatching {
  /** Commits them in one request, as the intake does. */
  take(...alerts: readonly Alert[]): Promise<void>;
  stop(): Promise<void>;
}

export interface DispatchingOptions {
  readonly db: Db;
  readonly runs: Runs;
  readonly storm?: StormSettings;
}

function lost(source: string, count: number): void {
  throw new Error(`${count} dead letters of ${source} were lost`);
}

export function startDispatching({ db, runs, storm }: DispatchingOptions): Dispatching {
  const log = quietLog();
  const metrics = createMetrics('storm');
  const instruments = createInstruments(metrics);
  const inbox = createInbox(db);
  const dispatcher = createDispatcher({
    inbox,
    instruments,
    log,
    deliver: (alert) => deliver({ inbox, runs, catalogue }, alert),
    ...(storm && {
      storms: createStormWatch({ storms: createStorms(db, storm), settings: storm, log }),
    }),
  });
  const closed = (): null => null;
  const { hand } = dispatcher;
  const backlog = createBacklog({ db, deadLetters: createDeadLetters(db, { onLost: lost }) });
  const unpacker = createUnpacker({ backlog, hand, log });
  const reception = createReception({ db, backlog });
  const { kept } = unpacker;
  return {
    take: (...alerts) => accept({ reception, instruments, log, closed, hand, kept }, alerts),
    async stop() {
      await unpacker.stop();
      await dispatcher.stop();
      await metrics.stop();
    },
  };
}
