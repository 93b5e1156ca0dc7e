/** What there is to judge by, read when all is over: inbox, ledger, leases, workflows, and the fleet's own journal. Judges nothing. */
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';
import type { Acknowledged } from '../storm/sender.js';
import type { Stop } from '../storm/stops.js';
import type { Mutation } from '../world/fleet.js';

export interface InboxRow {
  readonly fingerprint: string;
  readonly startsAtMs: number;
  readonly status: string;
  readonly state: string;
  readonly run: string | null;
  readonly why: string | null;
}

export interface LedgerLine {
  readonly seq: number;
  readonly run: string;
  readonly kind: string;
  readonly runbook: string;
  readonly service: string;
  readonly recordedAtMs: number;
  readonly outcome: string | null;
  readonly says: string;
  /** Of an intent, an effect or an undo. */
  readonly operation: string | null;
  /** Of an effect: whether the step took effect, `yes`, `no` or `unknown`. */
  readonly applied: string | null;
  /** An admission that let the run in. */
  readonly admitted: boolean;
  readonly targets: readonly string[];
}

export interface Evidence {
  readonly acknowledged: readonly Acknowledged[];
  readonly inbox: readonly InboxRow[];
  readonly ledger: readonly LedgerLine[];
  readonly mutations: readonly Mutation[];
  readonly stops: readonly Stop[];
  /** Targets somebody still holds. */
  readonly leases: readonly { readonly target: string; readonly holder: string }[];
  /** Workflows that run still, or that ended in any other way than by completing. */
  readonly workflows: readonly { readonly run: string; readonly status: string }[];
}

type Stored = Pick<Evidence, 'inbox' | 'ledger' | 'leases'>;

export async function readStored(db: Db): Promise<Stored> {
  const [inbox, ledger, leases] = await Promise.all([
    readInbox(db),
    readLedger(db),
    db.selectFrom('leases').select(['target', 'holder']).execute(),
  ]);
  return { inbox, ledger, leases };
}

async function readInbox(db: Db): Promise<InboxRow[]> {
  const rows = await db
    .selectFrom('inbox')
    .select(['fingerprint', 'starts_at_ms', 'status', 'state', 'run', 'why'])
    .execute();
  return rows.map(({ starts_at_ms: startsAtMs, ...row }) => ({ ...row, startsAtMs }));
}

const pageRows = 20_000;

/** In pages: one answer with every line may take longer than a statement is given. */
async function readLedger(db: Db): Promise<LedgerLine[]> {
  const lines: LedgerLine[] = [];
  for (let after = 0; ;) {
    const page = await readPage(db, after);
    lines.push(...page);
    const last = page.at(-1);
    if (last === undefined || page.length < pageRows) return lines;
    after = last.seq;
  }
}

async function readPage(db: Db, after: number): Promise<LedgerLine[]> {
  const { rows } = await sql<LedgerLine>`
    SELECT seq, run, kind, runbook, service, outcome, says,
      (extract(epoch FROM recorded_at) * 1000)::float8 AS "recordedAtMs",
      detail ->> 'operation' AS operation,
      CASE WHEN kind = 'effect' THEN detail ->> 'applied' END AS applied,
      kind = 'decision' AND detail ->> 'asked' = 'at admission' AND reason IS NULL AS admitted,
      CASE WHEN kind = 'intent' THEN jsonb_build_array(detail ->> 'target') ELSE '[]' END AS targets
    FROM ledger WHERE run IS NOT NULL AND seq > ${after} ORDER BY seq LIMIT ${pageRows}`.execute(
    db,
  );
  return rows;
}
