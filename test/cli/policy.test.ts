/** `belay policy` and `belay simulate`: on the shipped files, on changed ones, in a git repository, and on a real ledger. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fleetSchema } from '../../activities/guards/fleet.js';
import { defaultRules } from '../../activities/guards/rules.js';
import { createGuardsOf } from '../../activities/guards/source.js';
import { createPolicy, type PolicyNews } from '../../activities/policy/source.js';
import { writePolicyLine } from '../../activities/store/policy-line.js';
import { grantTrust } from '../../activities/store/trust/change.js';
import { createStore } from '../../activities/store/store.js';
import type { JudgeInput } from '../../workflows/store.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { hours } from '../../workflows/domain/time.js';
import { alertOf } from '../support/simulator/simulator.js';
import { belay, documentOf } from './recorded-terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'belay-policies-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A copy of the shipped set with one file changed. */
function changed(name: string, file: string, change: (text: string) => string): string {
  const copy = join(folder, name);
  cpSync('policies', copy, { recursive: true });
  const path = join(copy, file);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return copy;
}

describe('belay policy check', () => {
  test('says that the shipped set is valid, and its digest', async () => {
    const { exit, out } = await belay(['policy', 'check', '--policy', 'policies']);
    expect(exit).toBe(0);
    expect(out).toMatch(
      /^valid policies\/services.yaml: \d+ policies, 1 services, release 1\ndigest [0-9a-f]{64}\n$/,
    );
  });

  test('ends with 1 and names file, line and what to write for a wrong one', async () => {
    const wrong = changed('wrong', 'guards.cedar', (text) =>
      text.replace('context.targets < 1', 'context.target < 1'),
    );
    const { exit, err } = await belay(['policy', 'check', '--policy', wrong]);
    expect(exit).toBe(1);
    expect(err).toMatch(
      /^belay: .*guards.cedar:\d+:1: policy no-target: a condition is about context.<fact>: mend it there\n$/,
    );
  });

  test('refuses a set that permits everything until a person says --yes', async () => {
    const open = join(folder, 'open');
    cpSync('policies', open, { recursive: true });
    rmSync(join(open, 'guards.cedar'));
    writeFileSync(join(open, 'levels.cedar'), '@id("a") permit (principal, action, resource);');
    const first = await belay(['policy', 'check', '--policy', open]);
    expect(first).toMatchObject({ exit: 1, err: expect.stringContaining('permits everything') });
    const yes = await belay(['policy', 'check', '--policy', open, '--yes'], {
      env: { BELAY_PERSON: 'ana' },
    });
    expect(yes.exit).toBe(0);
    expect(readFileSync(join(open, 'accepted'), 'utf8')).toMatch(
      /^[0-9a-f]{64} permits everything; ana \d{4}-/,
    );
    expect((await belay(['policy', 'check', '--policy', open])).exit).toBe(0);
    writeFileSync(join(open, 'levels.cedar'), '@id("b") permit (principal, action, resource);');
    expect((await belay(['policy', 'check', '--policy', open])).exit).toBe(1);
  });
});

describe('belay policy list, schema and test', () => {
  test('list names owner, review and what each protects, and flags a review that is overdue', async () => {
    const late = changed('late', 'levels.cedar', (text) =>
      text.replace('2027-06-30', '2020-01-01'),
    );
    const { exit, out } = await belay(['policy', 'list', '--policy', late]);
    expect(exit).toBe(0);
    expect(out).toMatch(/permit restart-overseen {2}sre {2}review 2020-01-01, overdue/);
    expect(out).toContain('protects change freezes: people may still decide');
    expect(out.match(/overdue/g)).toHaveLength(1);
    expect(out).toMatch(/exception\s+restart-service, restart\s+sre/);
  });

  test('schema prints the file that lies beside the policies', async () => {
    const { out } = await belay(['policy', 'schema']);
    expect(out).toBe(readFileSync('policies/belay.cedarschema', 'utf8'));
  });

  test('test passes the shipped set, and names a wrong case and an untried policy', async () => {
    const good = await belay(['policy', 'test', '--policy', 'policies']);
    expect(good).toMatchObject({
      exit: 0,
      out: expect.stringMatching(
        /^(\d+) of \1 cases are as they say\n(\d+) of \2 scenarios are passed\n(\d+) of \3 policies/,
      ),
    });
    const lax = changed('lax', 'guards.cedar', (text) =>
      text.replace('context.recurrence >= 3', 'context.recurrence >= 9'),
    );
    const bad = await belay(['policy', 'test', '--policy', lax]);
    expect(bad.exit).toBe(1);
    expect(bad.out).toMatch(/wrong .*guards.yaml, it came back three times: level 4 instead of 3/);
    expect(bad.out).toContain('untried recurring: no case is held by it');
  });

  test('test names the scenario that a set does not pass, and takes a stricter set', async () => {
    const scenarios = join(folder, 'scenarios');
    mkdirSync(scenarios);
    const text = 'cases: [{ name: flapping, facts: { actionClass: restart }, atMost: 2 }]';
    writeFileSync(join(scenarios, 'a.yaml'), text);
    const args = ['policy', 'test', '--policy', 'policies', '--scenarios', scenarios];
    const { exit, out } = await belay(args);
    expect(exit).toBe(1);
    expect(out).toMatch(
      /harm .*a.yaml, flapping: level 3 instead of at most 2 \(by restart-overseen/,
    );
    writeFileSync(join(scenarios, 'a.yaml'), text.replace('atMost: 2', 'atMost: 4'));
    expect((await belay(args)).exit).toBe(0);
    writeFileSync(join(scenarios, 'a.yaml'), text.replace('atMost: 2', 'atMost: 4, level: 3'));
    expect((await belay(args)).err).toMatch(/a.yaml:1:9: .*a case says level, or atMost/);
  });

  test('test names the alerts that no rule raises any more', async () => {
    const rules = join(folder, 'rules.yml');
    const file = 'groups: [{ name: a, rules: [{ alert: ServiceDown, expr: up == 0 }] }]';
    writeFileSync(rules, file);
    const args = ['policy', 'test', '--policy', 'policies', '--alerts', rules];
    const { exit, out } = await belay(args);
    expect(exit).toBe(1);
    expect(out).toMatch(
      /dangling runbook tune-retries handles an alert that no rule raises: \w+\n$/,
    );
    expect(out).not.toContain('ServiceDown');
  });

  test('test names what points at a runbook or a service that is not there', async () => {
    const gone = changed('gone', 'levels.cedar', (text) =>
      text.replace('permit (principal, action', 'permit (principal == Runbook::"gone", action'),
    );
    const { exit, out } = await belay(['policy', 'test', '--policy', gone]);
    expect(exit).toBe(1);
    expect(out).toMatch(
      /dangling .*levels.cedar:5: restart-overseen names a runbook that is not there: gone/,
    );
  });
});

describe('belay policy prove', () => {
  test('proves the shipped set, and says how long that took', async () => {
    const said = await belay(['policy', 'prove', '--policy', 'policies', '--json']);
    expect(said.exit).toBe(0);
    const { proofs, tookMs } = documentOf(said) as unknown as {
      proofs: { result: string }[];
      tookMs: number;
    };
    expect(proofs.filter(({ result }) => result !== 'proved')).toEqual([]);
    expect(tookMs).toBeGreaterThan(0);
  });

  test('ends with 1 and a counterexample in words', async () => {
    const lax = changed('freeze', 'guards.cedar', (text) =>
      text.replace('&& context.frozen };', '&& !context.frozen };'),
    );
    const { exit, out } = await belay(['policy', 'prove', '--policy', lax]);
    expect(exit).toBe(1);
    expect(out).toMatch(
      /not so: frozen: runbook .*the level asked for is 4.* a change freeze is in force.*: permitted by restart-overseen/,
    );
  });

  test("proves an organisation's own invariants beside those of the product", async () => {
    const own = join(folder, 'own');
    cpSync('policies', own, { recursive: true });
    const invariants = join(own, 'invariants');
    execFileSync('mkdir', [invariants]);
    writeFileSync(
      join(invariants, 'night.cedar'),
      [
        '@id("night") @protects("the night: nothing alone") forbid (principal, action, resource)',
        'when { context.level > 3 && context has hour && context.hour < 6 };',
      ].join('\n'),
    );
    const { exit, out } = await belay(['policy', 'prove', '--policy', own]);
    expect(exit).toBe(1);
    expect(out).toContain('not so: night: ');
  });

  test('tells what a change newly allows between revisions, and ends with 1 until it is meant', async () => {
    const repository = join(folder, 'repository');
    cpSync('policies', join(repository, 'policies'), { recursive: true });
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
        cwd: repository,
      });
    };
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'first');
    const path = join(repository, 'policies');
    const args = ['policy', 'prove', '--policy', path, '--from', 'HEAD'];
    expect(await belay(args)).toMatchObject({
      exit: 0,
      out: 'it allows nothing that was not allowed before\n',
    });
    const guards = join(path, 'guards.cedar');
    writeFileSync(
      guards,
      readFileSync(guards, 'utf8').replace('context.targets > 3', 'context.targets > 5'),
    );
    const lax = await belay(args);
    expect(lax.exit).toBe(1);
    expect(lax.out).toMatch(/newly allowed:\n {2}runbook .*the level asked for is 4/);
    expect((await belay([...args, '--yes'])).exit).toBe(0);
    git('commit', '-qam', 'second');
    expect((await belay([...args.slice(0, -1), 'HEAD~1', '--to', 'HEAD'])).exit).toBe(1);
    const last = [...args.slice(0, -1), 'last'];
    expect((await belay(last)).exit).toBe(1);
    git('commit', '-q', '--amend', '-m', 'second', '-m', 'Newly-allows: five targets are few here');
    expect(await belay(last)).toMatchObject({
      exit: 0,
      out: expect.stringContaining('meant, a: five targets are few here'),
    });
    writeFileSync(guards, readFileSync(guards, 'utf8').replace('context.targets > 5', 'false'));
    expect((await belay(last)).exit).toBe(1);
    git('checkout', '-q', '.');
    expect((await belay([...args.slice(0, -1), 'HEAD', '--to', 'HEAD~1'])).exit).toBe(0);
    expect((await belay([...args.slice(0, -1), 'nowhere'])).err).toContain('git: ');
  });
});

describe('on a ledger', () => {
  let database: TestDatabase;
  const run = 'restart-service.fp.1';

  beforeAll(async () => {
    database = await openTestDatabase();
    const fleet = fleetSchema.parse({
      version: 1,
      services: { shop: { zone: 'eu-1', instances: 4, minHealthy: 2 } },
    });
    const news: PolicyNews[] = [];
    const announce = (one: PolicyNews): void => void news.push(one);
    const policy = createPolicy({ path: 'policies/services.yaml', announce });
    const store = createStore({
      db: database.db,
      policy,
      guards: createGuardsOf({ rules: defaultRules, fleet }),
      digestOf: () => 'bundle',
    });
    const granted = { actionClass: 'restart', tier: 'warning', environment: 'demo' } as const;
    await grantTrust(database.db, { ...granted, level: 4, by: 'owner', why: 'the first day' });
    await store.record({
      ...refOf(),
      entries: [{ kind: 'opened', says: 'begins', atMs: Date.now() }],
      notices: [],
    });
    await store.admit(admission());
    await store.record({
      ...refOf(),
      entries: [{ kind: 'outcome', says: 'resolved: well', atMs: Date.now(), outcome: 'resolved' }],
      notices: [],
    });
    for (const one of news) await writePolicyLine(database.db, one);
  });
  afterAll(() => database.close());

  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const asked = (...args: string[]) => belay(args, { env: { DATABASE_URL: database.url } });
  function refOf() {
    return {
      run,
      runbook: 'restart-service',
      alert: { ...alertOf('ServiceDown'), service: 'shop' },
      trigger: 'alert',
    };
  }

  /** As a worker asks for it, with the proposal before and the first intent after. */
  function admission(): JudgeInput {
    const atMs = Date.now();
    const step = {
      ...{
        name: 'restart',
        action: 'process.restart',
        actionClass: 'restart',
        target: 'process:h/shop',
      },
      ...{ says: 'restart shop', input: {}, before: null, expected: null, bounds: {} },
      irreversible: 'a restart is a restart',
    };
    const proposal = {
      ...{
        runbook: 'restart-service',
        round: 1,
        steps: [step],
        done: [],
        confirmations: [],
        because: [],
      },
      planHash: 'a'.repeat(64),
    };
    return {
      ...refOf(),
      proposal,
      alert: { ...refOf().alert, startsAt: new Date(atMs).toISOString() },
      ...{ maxAgeMs: 900_000, resolved: false, nowMs: atMs, notices: [] },
      entries: [{ kind: 'proposal', says: 'a plan', atMs, detail: proposal }],
      onceIn: {
        entries: [
          {
            kind: 'intent',
            says: 'about to restart shop',
            step: 'restart',
            actionClass: 'restart',
            atMs,
            detail: { operation: `${run}/restart` },
          },
        ],
        notices: [],
      },
    };
  }

  test('explain tells facts, what was not known, the policies and the set, in words', async () => {
    const { exit, out } = await asked('policy', 'explain', run, '--policy', 'policies');
    expect(exit).toBe(0);
    expect(out).toMatch(
      /set [0-9a-f]{12}, release 1\n {2}restart-service on shop: the tier is warning/,
    );
    expect(out).toMatch(
      /not: the switch is off.*, the recoveries of the service in the last hour is 0/,
    );
    expect(out).toMatch(/touched is 25 %, the share that stays healthy is 75 %/);
    expect(out).toMatch(
      /not known: confidence \(.*errorBudget \(guards.yaml has no error budget of it\), telemetryAge/,
    );
    expect(out).toMatch(/restart: level 4, autonomous, overseen\n/);
    expect(out).toMatch(/permitted by restart-overseen: the class of the action is restart and/);
    expect(out).toMatch(
      /level 5 forbidden by level-five-knows: the level asked for is above 4 and not: /,
    );
  });

  test('explain tells what the policies said then, whatever the files say by now', async () => {
    const other = changed('later', 'levels.cedar', (text) =>
      text.replace('"restart" &&', '"restart" && context.targets < 9 &&'),
    );
    const { out } = await asked('policy', 'explain', run, '--policy', other);
    expect(out).toMatch(/permitted by restart-overseen: the class of the action is restart and/);
    expect(out).not.toContain('below 9');
  });

  test('report is about a period: the days from and to', async () => {
    const today = Date.now();
    const lines = async (from: number, to: number): Promise<number> => {
      const args = ['--csv', '--from', day(from), '--to', day(to)];
      return (await asked('policy', 'report', ...args)).out.trim().split('\n').length - 1;
    };
    expect(await lines(today - hours(24), today)).toBe(1);
    expect(await lines(today - hours(72), today - hours(48))).toBe(0);
    const wrong = await asked('policy', 'report', '--from', '2027-02-30');
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining('such as 2027-01-31') });
  });

  test('report lists what was done alone with policy, level, approver and outcome, as CSV too', async () => {
    const said = await asked('policy', 'report', '--since', '1d', '--json');
    const { actions } = documentOf(said) as unknown as { actions: object[] };
    expect(actions).toEqual([
      expect.objectContaining({
        ...{
          run,
          level: 4,
          by: ['restart-overseen'],
          approvers: [],
          outcome: 'resolved',
          release: '1',
        },
        policyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
      }),
    ]);
    const csv = (await asked('policy', 'report', '--since', '1d', '--csv')).out.split('\n');
    expect(csv[0]).toBe(
      'at,run,runbook,service,environment,step,action,level,policy,release,by,approvers,outcome',
    );
    expect(csv[1]).toMatch(
      /Z,restart-service.fp.1,restart-service,shop,.*,restart,about to restart shop,4,/,
    );
  });

  test('test --since tells which policies, runbooks, services and alerts nobody used', async () => {
    const { exit, out } = await asked('policy', 'test', '--policy', 'policies', '--since', '30d');
    expect(exit).toBe(0);
    expect(out).toMatch(
      /policies that decided nothing: (?!.*restart-overseen).*configure-approved/,
    );
    expect(out).toMatch(/runbooks that never ran: tune-retries\n/);
    expect(out).toMatch(/services that no alert named: none\n/);
    expect(out).toMatch(/alerts that runbooks handle and nobody sent: \w+/);
  });

  test('simulate tells where another set acts more, less, or refuses', async () => {
    const args = (path: string): string[] => ['simulate', '--policy', path, '--since', '1d'];
    expect((await asked(...args('policies'))).out).toMatch(
      /on 1 decisions of .*: 0 would be others/,
    );
    const careful = changed('careful', 'levels.cedar', (text) =>
      text.replace('context.level <= 4', 'context.level <= 2'),
    );
    const less = await asked(...args(careful));
    expect(less.out).toMatch(
      /acts less: 1\n {2}restart-service.fp.1 {2}4 → 2: level 2 by restart-overseen/,
    );
    expect(less.out).toContain('acts alone on 0 targets in 0 runs, instead of 1 in 1');
    const none = changed('none', 'levels.cedar', (text) =>
      text.replaceAll('"restart"', '"reboot"'),
    );
    expect((await asked(...args(none))).out).toMatch(/newly refuses: 1\n.* 4 → no level: /);
    const strict = changed('strict', 'approved.yaml', (text) =>
      text.replace('- runbook: restart-service', '- runbook: another'),
    );
    expect((await asked(...args(strict))).out).toMatch(/acts less: 1\n.* 4 → 3: /);
    const bold = changed('bold', 'guards.cedar', (text) =>
      text.replace('context.level > 4', 'context.level > 4 && false'),
    );
    expect((await asked(...args(bold))).err).toContain('policy is impossible');
  });

  test('the set that came into force stands in the ledger once, and one that was refused too', async () => {
    const lines = async (): Promise<string[]> => {
      const found = await database.db
        .selectFrom('ledger')
        .select('says')
        .where('kind', '=', 'policy')
        .orderBy('seq')
        .execute();
      return found.map(({ says }) => says);
    };
    const inForce = {
      kind: 'in-force',
      digest: 'ab'.repeat(32),
      release: '7',
      before: null,
      policies: 3,
      words: [],
    } as const;
    await writePolicyLine(database.db, inForce);
    await writePolicyLine(database.db, inForce);
    await writePolicyLine(database.db, {
      kind: 'refused',
      why: 'x.cedar:1:1: no',
      keeps: inForce.digest,
    });
    expect((await lines()).slice(-2)).toEqual([
      'the policy set abababababab, release 7 is in force: 3 policies',
      'the policy files were refused, abababababab stays in force: x.cedar:1:1: no',
    ]);
  });
});
