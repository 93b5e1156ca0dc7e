/** An inbox on a real PostgreSQL for tests that ask monitors, and a look at what came into it. */
import { readFileSync } from 'node:fs';
import type { Sender } from '../../activities/senders/sender.js';
import { createInbox } from '../../activities/store/inbox.js';
import type { Inbox } from '../../activities/store/inbox.js';
import { noteIntake } from '../../activities/store/intake-lines.js';
import { createOpenFirings } from '../../activities/store/open-firings.js';
import type { OpenFirings } from '../../activities/store/open-firings.js';
import { createPulling } from '../../workers/intake/pull/index.js';
import type { Pulling } from '../../workers/intake/pull/index.js';
import { createPullInstruments } from '../../workers/intake/pull/instruments.js';
import { createReconciler } from '../../workers/intake/pull/reconciler.js';
import type { Reconciler } from '../../workers/intake/pull/reconciler.js';
import type { PullSource } from '../../workers/intake/pull/source.js';
import { createMetrics } from '../../workers/metrics.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { hours } from '../../workflows/domain/time.js';
import { openTestDatabase } from './database.js';
import type { TestDatabase } from './database.js';
import { emptied, quietLog, rowsOf } from './intake.js';

export interface PullGround {
  readonly database: TestDatabase;
  readonly inbox: Inbox;
  readonly firings: OpenFirings;
  /** What was logged since `fresh`. */
  readonly logged: () => readonly string[];
  /** A difference counts at the second look, however soon it comes. */
  readonly reconcilerOf: (source: PullSource) => Reconciler;
  /** Looks ten times a second; what is unknown waits for an hour. */
  readonly pullingOf: (source: PullSource) => Pulling;
  /** The value of one series, 0 when it is not there. */
  readonly series: (name: string) => Promise<number>;
  /** `<fingerprint> <status>` of each row. */
  readonly states: () => Promise<string[]>;
  readonly alerts: () => Promise<Alert[]>;
  /** What the ledger says, oldest first. */
  readonly lines: () => Promise<string[]>;
  /** For the next test: nothing in the inbox, counted or logged. */
  fresh(): Promise<void>;
  close(): Promise<void>;
}

/** On a server of its own. */
export async function openPullGround(): Promise<PullGround> {
  const database = await openTestDatabase();
  const { db } = database;
  const inbox = createInbox(db);
  const firings = createOpenFirings(db);
  let log = quietLog();
  let metrics = createMetrics('pull-test');
  const begun: Pulling[] = [];
  const ended = async (): Promise<void> => {
    await Promise.all(begun.splice(0).map((pulling) => pulling.stop())); // after a test that did not get there
    await metrics.stop();
  };
  const parts = () => ({
    log,
    inbox: firings,
    commit: async (alerts: readonly Alert[]): Promise<void> => {
      await inbox.add(alerts);
    },
    note: (line: Parameters<typeof noteIntake>[1]) => noteIntake(db, line),
  });
  return {
    database,
    inbox,
    firings,
    logged: () => log.lines,
    reconcilerOf: (source) => {
      const instruments = createPullInstruments(metrics, [source.source]);
      return createReconciler({ ...parts(), source, instruments, unknownForMs: 0 });
    },
    pullingOf: (source) => {
      const patience = { intervalMs: 100, unknownForMs: hours(1) };
      const pulling = createPulling({ ...parts(), ...patience, sources: [source], metrics });
      begun.push(pulling);
      return pulling;
    },
    series: async (name) => {
      const lines = (await metrics.text()).split('\n');
      const line = lines.find((text) => text.startsWith(`${name} `));
      return Number(line?.slice(name.length + 1) ?? 0);
    },
    states: async () =>
      (await rowsOf(db)).map(({ fingerprint, status }) => `${fingerprint} ${status}`),
    alerts: async () => {
      const rows = await db.selectFrom('inbox').select('alert').orderBy('id').execute();
      return rows.map(({ alert }) => alert);
    },
    lines: async () => {
      const rows = await db.selectFrom('ledger').select('says').orderBy('seq').execute();
      return rows.map(({ says }) => says);
    },
    async fresh() {
      await ended();
      await emptied(db);
      log = quietLog();
      metrics = createMetrics('pull-test');
    },
    async close() {
      await ended();
      await database.close();
    },
  };
}

/** The one alert of a webhook's body. */
export function heard(sender: Sender, body: unknown): Alert {
  const parsed = sender.parse(JSON.stringify(body));
  const alert = parsed.kind === 'alerts' ? parsed.alerts[0] : undefined;
  if (alert === undefined) throw new Error(JSON.stringify(parsed));
  return alert;
}

/** A sender's body as the tests keep it, such as `grafana/firing`. */
export function keptBody(file: string): Record<string, unknown> {
  const url = new URL(`../intake/bodies/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as Record<string, unknown>;
}
