/** A drill as a person orders it: a real sandbox breaks, is repaired, taken back and left unanswered, and the real ledger says so. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { latestDrills } from '../../activities/store/trust/drills.js';
import { runbooks } from '../../runbooks/index.js';
import { sandboxEnv } from '../../scripts/cli/drill.js';
import { drills } from '../../scripts/drill/drills.js';
import { belay } from '../cli/recorded-terminal.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder = '';

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs']);
  folder = mkdtempSync(join(tmpdir(), 'belay-drill-'));
  database = await openTestDatabase();
}, 120_000);
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function env(): Record<string, string> {
  const real = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return {
    ...Object.fromEntries(real),
    DATABASE_URL: database.url,
    BELAY_STATE_FOLDER: folder,
    BELAY_PERSON: 'ana',
  };
}

test('the drill of tune-retries passes in all its parts and stands in the real ledger', async () => {
  const said = await belay(['drill', 'tune-retries'], { env: env() });
  expect({ exit: said.exit, missed: said.out.match(/missed.*/g) }).toEqual({
    exit: 0,
    missed: null,
  });
  const drill = (await latestDrills(database.db)).get('tune-retries');
  expect(drill).toMatchObject({ by: 'ana', classes: ['configure'] });
  expect(drill?.parts.map(({ part, passed }) => [part, passed])).toEqual([
    ['fault', true],
    ['undo', true],
    ['escalation', true],
  ]);
  const kinds = await database.db.selectFrom('ledger').select('kind').execute();
  expect(kinds).toEqual([{ kind: 'drill' }]);
}, 400_000);

test('every runbook that is shipped has a drill, and its file', () => {
  const named = runbooks.map(({ meta }) => meta.name).toSorted();
  expect([...drills.keys()].toSorted()).toEqual(named);
  const files = named.filter((name) => readdirSync(join('runbooks', name)).includes('drill.ts'));
  expect(files).toEqual(named);
});

test('a sandbox never hears of the real servers', () => {
  const given = sandboxEnv({
    PATH: '/bin',
    DATABASE_URL: 'x',
    TEMPORAL_ADDRESS: 'x',
    PGHOST: 'x',
    BELAY_POLICY_FILE: 'x',
  });
  expect(given).toEqual({ PATH: '/bin' });
});

test('a runbook that is not known is refused before anything is broken, and so is a ledger that cannot be had', async () => {
  expect(await belay(['drill', 'nothing'], { env: env() })).toMatchObject({ exit: 2 });
  const away = { ...env(), DATABASE_URL: 'postgres://belay:x@127.0.0.1:1/belay' };
  expect(await belay(['drill', 'tune-retries'], { env: away })).toMatchObject({ exit: 3 });
});
