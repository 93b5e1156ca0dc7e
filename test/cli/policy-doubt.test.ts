/** `belay policy explain` of a decision on a stale observation: confidence with its parts, and why people decide. On a real store. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { noGuards } from '../../activities/guards/source.js';
import { createPolicy } from '../../activities/policy/source.js';
import { createStore } from '../../activities/store/store.js';
import { grantTrust } from '../../activities/store/trust/change.js';
import type { ConfidencePart } from '../../workflows/domain/telemetry.js';
import { confidenceOf } from '../../workflows/domain/telemetry.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { alertOf } from '../support/simulator/simulator.js';
import { belay } from './recorded-terminal.js';

const nowMs = Date.now();
const fresh: ConfidencePart = { what: 'supervisor.find', weight: 1, value: 1, why: '', ageMs: 0 };
const stale: ConfidencePart = {
  ...{ what: 'monitor.measure', weight: 1, value: 0, why: 'it is 90s old, 60s at most are of use' },
  ...{ ageMs: 90_000, flawed: true },
};

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
  const granted = { actionClass: 'restart', tier: 'warning', environment: 'demo' } as const;
  await grantTrust(database.db, { ...granted, level: 4, by: 'owner', why: 'the first day' });
  await decide('sure.fp.1', [fresh]);
  // 0.75: more than the policies ask for, so that they alone would let it act
  await decide('doubtful.fp.1', [fresh, { ...fresh, what: 'b' }, { ...fresh, what: 'c' }, stale]);
});
afterAll(() => database.close());

async function decide(run: string, parts: readonly ConfidencePart[]): Promise<void> {
  const policy = createPolicy({ path: 'policies/services.yaml' });
  const { db } = database;
  const store = createStore({ db, policy, guards: noGuards, digestOf: () => 'bundle' });
  const startsAt = new Date(nowMs).toISOString();
  const ref = {
    ...{ run, runbook: 'restart-service', trigger: 'alert' },
    alert: { ...alertOf('ServiceDown'), service: 'shop', startsAt },
  };
  const entries = [{ kind: 'opened' as const, says: 'begins', atMs: nowMs }];
  await store.record({ ...ref, entries, notices: [] });
  const step = {
    ...{ name: 'restart', action: 'process.restart', actionClass: 'restart' },
    ...{ target: `process:h/${run}`, says: 'restart shop', input: {}, before: null },
    ...{ expected: null, bounds: {}, irreversible: 'a restart is a restart' },
  };
  const proposal = {
    ...{ runbook: 'restart-service', round: 1, steps: [step], done: [], confirmations: [] },
    ...{ because: [], confidence: confidenceOf(parts), planHash: 'a'.repeat(64) },
  };
  await store.admit({
    ...ref,
    ...{ proposal, maxAgeMs: 900_000, resolved: false, nowMs, entries: [], notices: [] },
  });
}

const explained = async (run: string): Promise<string> => {
  const place = { env: { DATABASE_URL: database.url } };
  return (await belay(['policy', 'explain', run, '--policy', 'policies'], place)).out;
};

test('tells how sure the proposal was and how old what it saw', async () => {
  const out = await explained('sure');
  expect(out).toMatch(/the confidence is 100 %/);
  expect(out).toMatch(/the age of the telemetry is 0 s/);
  expect(out).toMatch(/1\.00 x 1 {2}supervisor\.find/);
  expect(out).toMatch(/restart: level 4, autonomous, overseen\n/);
  expect(out).not.toMatch(/instead/);
});

test('tells that people decide instead, and which observation is why', async () => {
  const out = await explained('doubtful');
  expect(out).toMatch(/the confidence is 75 %/);
  expect(out).toMatch(/0\.00 x 1 {2}monitor\.measure: it is 90s old/);
  expect(out).toMatch(/restart: level 4, autonomous, overseen\n/);
  expect(out).toMatch(/level 3 instead: monitor\.measure: it is 90s old, 60s at most are of use/);
});
