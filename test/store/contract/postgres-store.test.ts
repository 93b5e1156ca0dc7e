/** The store on a real PostgreSQL keeps the contract. */
import { afterAll, beforeAll } from '@jest/globals';
import { sql } from 'kysely';
import type { Entry } from '../../../workflows/domain/entry.js';
import { createOperations } from '../../../activities/store/operations.js';
import { noGuards } from '../../../activities/guards/source.js';
import { createTablePolicy, type Policy } from '../../../activities/policy/source.js';
import {
  ledgerOf,
  listLeases,
  listNotices,
  listQuarantine,
} from '../../../activities/store/read.js';
import type { LedgerRow } from '../../../activities/store/schema.js';
import { createStore } from '../../../activities/store/store.js';
import { resume } from '../../../activities/store/resume.js';
import { releaseTarget, stop } from '../../../activities/store/switches.js';
import { grantTrust } from '../../../activities/store/trust/change.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import { policyTable } from './fixture.js';
import { describeStore } from './suite.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const guards = { stops: 'switches', quarantined: 'quarantine', leases: 'leases' } as const;
const turning = { by: 'ana', why: 'test' };

describeStore('the store on PostgreSQL', async () => {
  const { db } = database;
  await emptied();
  let policyGone = false;
  const table = createTablePolicy(policyTable, 'digest-of-policy');
  const policy: Policy = {
    ask: (question) =>
      policyGone ? Promise.resolve({ known: false, why: 'no such file' }) : table.ask(question),
    tierOf: (service) => table.tierOf(service),
  };
  const store = createStore({
    db,
    policy,
    guards: noGuards,
    digestOf: (runbook) => `digest-of-${runbook}`,
  });
  return {
    record: (input) => store.record(input),
    consider: (input) => store.consider(input),
    admit: (input) => store.admit(input),
    ledger: async (run) => (await ledgerOf(db, run)).map(entryOf),
    notices: (run) => listNotices(db, { run }),
    leases: () => listLeases(db),
    quarantine: () => listQuarantine(db),
    stop: ({ scope, by, why }) => stop(db, scope, { by, why }),
    resume: (scope) => resume(db, scope, turning),
    releaseTarget: (target) => releaseTarget(db, target, turning),
    begins: async (operationId) => {
      await createOperations(db).claim(operationId, 1_000);
    },
    async unreadable(fact) {
      if (fact === 'policy') policyGone = true;
      else
        await sql`ALTER TABLE ${sql.table(guards[fact])} RENAME TO ${sql.id(`${fact}_gone`)}`.execute(
          db,
        );
    },
  };
});

/** Each test starts afresh; only the owner of the tables can do this, by taking the ledger's lock off first. */
async function emptied(): Promise<void> {
  const { db } = database;
  for (const [fact, table] of Object.entries(guards)) {
    await sql`ALTER TABLE IF EXISTS ${sql.table(`${fact}_gone`)} RENAME TO ${sql.id(table)}`.execute(
      db,
    );
  }
  await db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await sql`
      TRUNCATE ledger, ledger_ids, runs, notices, leases, quarantine, switches, trust_facts, trust_ceilings`.execute(
      transaction,
    );
  });
  await grantTrust(db, {
    actionClass: 'restart',
    tier: 'warning',
    environment: 'demo',
    level: 4,
    by: 'owner',
    why: 'test',
  });
}

function entryOf(row: LedgerRow): Entry & { readonly id: string; readonly tier: string | null } {
  const said: Record<string, unknown> = {
    actor: row.actor,
    step: row.step,
    actionClass: row.action_class,
    level: row.level,
    reason: row.reason,
    outcome: row.outcome,
    expected: row.expected,
    actual: row.actual,
    before: row.before_state,
    after: row.after_state,
    durationMs: row.duration_ms,
    detail: row.detail,
  };
  const present = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null));
  const { id, tier, kind, says } = row;
  return { ...present, id, tier, kind, says, atMs: row.at.getTime() };
}
