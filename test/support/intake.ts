/** An intake on a real PostgreSQL for tests: settings, bodies as Alertmanager sends them, and a look into the inbox. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { openDb } from '../../activities/store/db.js';
import type { Db } from '../../activities/store/db.js';
import { RunsAway } from '../../workers/intake/runs.js';
import type { Runs } from '../../workers/intake/runs.js';
import type { Log } from '../../workers/intake/server.js';
import { readSettings } from '../../workers/settings.js';
import type { Settings } from '../../workers/settings.js';

export const token = 'a-token-for-tests';

export interface Place {
  readonly databaseUrl: string;
  readonly temporalAddress?: string;
}

export function settingsFor({ databaseUrl, temporalAddress }: Place): Settings {
  return readSettings({
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    BELAY_INTAKE_PORT: '0',
    BELAY_ALERTMANAGER_TOKENS: `an-older-token,${token}`,
    BELAY_ALERTMANAGER_BASIC: 'alertmanager:a-password',
    BELAY_STORM_FIRINGS: '1000000', // storms have tests of their own
  });
}

/** Keeps what was logged, so that a test can look for what must not be there. */
export function quietLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, text: string): void => {
    lines.push(`${text} ${JSON.stringify(fields)}`);
  };
  return { lines, info: keep, warn: keep, error: keep };
}

/** For tests that are about taking in alone: whatever is asked, nobody is there. */
export const nobodyThere: Runs = {
  start: () => Promise.reject(new RunsAway('nobody is there')),
  signal: () => Promise.reject(new RunsAway('nobody is there')),
};

export interface Sent {
  readonly fingerprint: string;
  readonly status?: 'firing' | 'resolved';
  readonly alertname?: string;
  readonly startsAt?: string;
}

export const startsAt = '2026-11-21T01:03:41.628Z';

/** One group as Alertmanager posts it. */
export function groupOf(...alerts: readonly Sent[]): object {
  return {
    version: '4',
    receiver: 'belay',
    status: 'firing',
    groupKey: '{}:{}',
    truncatedAlerts: 0,
    alerts: alerts.map((alert) => ({
      status: alert.status ?? 'firing',
      labels: { alertname: alert.alertname ?? 'ServiceDown', service: 'shop', severity: 'page' },
      annotations: { summary: 'shop is down' },
      startsAt: alert.startsAt ?? startsAt,
      endsAt: alert.status === 'resolved' ? '2026-11-21T01:05:00Z' : '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example:9090/graph',
      fingerprint: alert.fingerprint,
    })),
  };
}

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Headers;
}

/** Posts a body, given as it is when it is text or bytes, with the right token unless told otherwise. */
export async function post(
  url: string,
  body: object | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(new URL('/v1/alerts/alertmanager', url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      ...headers,
    },
    body: raw ? body : JSON.stringify(body),
  });
  return answerOf(response);
}

export async function answerOf(response: Response): Promise<Answer> {
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body, headers: response.headers };
}

/** The value of one series of a metrics page, 0 when it is not there. */
export async function metric(url: string, series: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', url))).text();
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

/** Looks until it is so; throws after `withinMs` with what it saw last. */
export async function eventually<Seen>(
  look: () => Promise<Seen>,
  holds: (seen: Seen) => boolean,
  withinMs = 20_000,
): Promise<Seen> {
  const untilMs = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > untilMs) throw new Error(`still not so: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export interface Row {
  readonly fingerprint: string;
  readonly status: string;
  readonly state: string;
  readonly run: string | null;
  readonly why: string | null;
  readonly repeats: number;
  readonly attempts: number;
}

export async function rowsOf(db: Db): Promise<Row[]> {
  return db
    .selectFrom('inbox')
    .select(['fingerprint', 'status', 'state', 'run', 'why', 'repeats', 'attempts'])
    .orderBy('id')
    .execute();
}

export async function emptied(db: Db): Promise<void> {
  await sql`DELETE FROM inbox`.execute(db);
  await sql`DELETE FROM runs`.execute(db);
}

export { openDb };

/** A folder that is gone when `remove` was called. */
export function temporaryFolder(name: string): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), `belay-${name}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
