/** Many processes that want to be let in at once, and what the tables say they held meanwhile. Judges nothing. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';

export interface Wish {
  readonly run: string;
  readonly service: string;
  readonly targets: readonly string[];
  readonly holdsMs: number;
}

export interface Crowd {
  readonly url: string;
  readonly policy: string;
  readonly rules: string;
  readonly fleet: string;
  readonly wishes: readonly Wish[];
  /** Of each process: runs at once, and connections they share. */
  readonly atOnce: number;
  readonly connections: number;
  readonly attemptsMax: number;
}

export interface CrowdEnd {
  readonly admitted: number;
  readonly refused: number;
  /** Times it was not let in, held ones included. */
  readonly asked: number;
  readonly reasons: Readonly<Record<string, number>>;
}

/** Builds the worker; answers how to let processes of it loose, and how to remove it. */
export async function buildCrowd(): Promise<{
  loose(crowd: Crowd, processes: number): Promise<CrowdEnd[]>;
  remove(): void;
}> {
  const root = process.cwd();
  mkdirSync(join(root, 'dist'), { recursive: true });
  const folder = mkdtempSync(join(root, 'dist', 'crowd-test-'));
  const program = join(folder, 'crowd.js');
  await build({
    entryPoints: [join(root, 'test/store/guards/crowd-worker.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  return {
    loose: (crowd, processes) =>
      Promise.all(
        Array.from({ length: processes }, (_, nth) => {
          const wishes = crowd.wishes.filter((_wish, at) => at % processes === nth);
          return run(program, { ...crowd, wishes });
        }),
      ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function run(program: string, crowd: Crowd): Promise<CrowdEnd> {
  const child = spawn(process.execPath, [program], { env: { ...process.env, NODE_OPTIONS: '' } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  child.stdin.end(JSON.stringify(crowd));
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => {
      if (code === 0) resolve(JSON.parse(out) as CrowdEnd);
      else reject(new Error(`the crowd ended with ${code}: ${err}`));
    });
  });
}

/** From now on the table of leases keeps its own history. */
export async function keepHistory(db: Db): Promise<void> {
  await sql`
    CREATE TABLE lease_history (
      at timestamptz NOT NULL, what text NOT NULL, target text NOT NULL, holder text NOT NULL,
      service text, zone text, xid text NOT NULL)`.execute(db);
  await sql`
    CREATE FUNCTION keep_lease_history() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE lease leases; BEGIN
      IF TG_OP = 'DELETE' THEN lease = OLD; ELSE lease = NEW; END IF;
      INSERT INTO lease_history VALUES (clock_timestamp(), TG_OP, lease.target, lease.holder, lease.service,
        lease.zone, pg_current_xact_id()::text);
      RETURN NULL;
    END $$`.execute(db);
  await sql`
    CREATE TRIGGER keep_lease_history AFTER INSERT OR DELETE ON leases
    FOR EACH ROW EXECUTE FUNCTION keep_lease_history()`.execute(db);
}

export interface LeaseSpan {
  readonly target: string;
  readonly holder: string;
  readonly service: string;
  readonly zone: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Every lease that was ever held: from the yes, since a row is there already while it is asked for, until it was given back. One
 * that its own transaction dropped was never held.
 */
export async function spansOf(db: Db): Promise<LeaseSpan[]> {
  const { rows } = await sql<LeaseSpan>`
    SELECT moment.target, holder, moment.service, moment.zone,
      1000 * extract(epoch FROM let_in.at)::float8 AS "fromMs",
      1000 * extract(epoch FROM coalesce(given_at, 'infinity'))::float8 AS "untilMs"
    FROM (
      SELECT *, lead(at) OVER same AS given_at, lead(xid) OVER same AS given_xid FROM lease_history
      WINDOW same AS (PARTITION BY target, holder ORDER BY at)
    ) AS moment
    JOIN admissions AS let_in ON let_in.run = holder AND let_in.target = moment.target
    WHERE what = 'INSERT' AND given_xid IS DISTINCT FROM xid`.execute(db);
  return rows;
}

/** The most that was ever held at once, of what `weigh` takes for one thing. */
export function mostAtOnce(
  spans: readonly LeaseSpan[],
  weigh: (span: LeaseSpan) => string,
): number {
  const moments = spans.flatMap((span) => [
    { atMs: span.fromMs, takes: 1, what: weigh(span) },
    { atMs: span.untilMs, takes: -1, what: weigh(span) },
  ]);
  moments.sort((a, b) => a.atMs - b.atMs || a.takes - b.takes);
  const held = new Map<string, number>();
  let most = 0;
  for (const { takes, what } of moments) {
    const count = (held.get(what) ?? 0) + takes;
    if (count === 0) held.delete(what);
    else held.set(what, count);
    most = Math.max(most, held.size);
  }
  return most;
}
