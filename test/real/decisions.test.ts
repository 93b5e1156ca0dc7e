/**
 * Every decision a person can take, against the real engine and each in three ways: by `belay`, by a plain
 * `temporal workflow signal`, and for answers to a plan by the signal that Temporal's UI offers, which needs no input.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDb, type Db } from '../../activities/store/db.js';
import { holdTrust } from '../../scripts/bench/rig/held-trust.js';
import { getRun, ledgerOf } from '../../activities/store/read.js';
import type { RunRow } from '../../activities/store/schema.js';
import { startEngine, type Engine } from '../../scripts/engine/engine.js';
import { programOf } from '../../scripts/servers/found.js';
import { runIdOf } from '../../workflows/domain/alert.js';
import { shortHash } from '../../workflows/domain/plan.js';
import type { OperatorMessage } from '../../workflows/messages.js';
import { alertOf } from '../support/simulator/simulator.js';
import { belay, documentOf } from '../cli/recorded-terminal.js';
import { startTunedServices, textBefore, type TunedServices } from './tuned-services.js';

/** What each decision needs to count, and how the run and the file must look afterwards. */
const decisions = {
  trigger: { tier: 'info', outcome: 'resolved', reason: null, retries: 3 },
  approve: { tier: 'warning', outcome: 'resolved', reason: null, retries: 3 },
  reject: { tier: 'warning', outcome: 'withheld', reason: 'rejected', retries: 5 },
  modify: { tier: 'warning', outcome: 'resolved', reason: null, retries: 2 },
  veto: { tier: 'critical', outcome: 'withheld', reason: 'vetoed', retries: 5 },
  halt: { tier: 'warning', outcome: 'withheld', reason: 'halted', retries: 5 },
  undo: { tier: 'warning', outcome: 'undone', reason: 'undo-requested', retries: 5 },
  takeover: { tier: 'warning', outcome: 'withheld', reason: 'taken-over', retries: 5 },
} as const satisfies Record<OperatorMessage, object>;

const ways = ['belay', 'temporal', 'click'] as const;
type Way = (typeof ways)[number];
/** These answer a plan, so the gate offers them by a name that carries it. */
const clickable: readonly OperatorMessage[] = ['trigger', 'approve', 'reject', 'veto'];
const cases = (Object.keys(decisions) as OperatorMessage[]).flatMap((decision) =>
  ways
    .filter((way) => way !== 'click' || clickable.includes(decision))
    .map((way) => ({ decision, way, service: `${decision}-${way}` })),
);
/** Services for what people do wrong. */
const others = ['asked', 'unasked', 'stale-plan', 'beginnings'];

const policy = `
version: 1
self: []
levels: { configure: { info: 2, warning: 3, critical: 4 } }
vetoWindow: 10m
chains: { default: [{ notify: on-call, wait: 10m }] }
services:
${[
  ...cases.map(
    ({ decision, service }) =>
      `  ${service}: { tier: ${decisions[decision].tier}, environment: demo }`,
  ),
  ...others.map((service) => `  ${service}: { tier: warning, environment: demo }`),
].join('\n')}
`;

let folder = '';
let engine: Engine;
let db: Db;
let services: TunedServices;
let env: Record<string, string>;
const startsAt = new Date().toISOString();

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs']);
  folder = mkdtempSync(join(tmpdir(), 'belay-decisions-'));
  const names = [...cases.map(({ service }) => service), ...others];
  services = await startTunedServices(join(folder, 'services'), names);
  const policyFile = join(folder, 'services.yaml');
  writeFileSync(policyFile, policy);
  engine = await startEngine({
    folder: join(folder, 'state'),
    env: { BELAY_POLICY_FILE: policyFile, BELAY_TARGETS_FILE: services.targetsFile },
  });
  db = openDb({ url: engine.databaseUrl, poolMax: 2 });
  await holdTrust(db, { classes: ['configure'], tiers: ['critical'], environment: 'demo' });
  env = {
    TEMPORAL_ADDRESS: engine.temporalAddress,
    TEMPORAL_NAMESPACE: engine.namespace,
    DATABASE_URL: engine.databaseUrl,
    BELAY_INTAKE_URL: engine.intakeUrl,
    BELAY_INTAKE_TOKEN: engine.token,
    BELAY_POLICY_FILE: policyFile,
    BELAY_PERSON: 'ana',
  };
  const fired = await belay(['fire', '-', '--json'], { env, input: JSON.stringify(storms(names)) });
  expect(documentOf(fired)).toMatchObject({ accepted: names.length });
}, 120_000);

afterAll(async () => {
  await db.destroy();
  await engine.stop();
  await services.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function storms(names: readonly string[]): object {
  const alerts = names.map((service) => ({
    status: 'firing',
    labels: { alertname: 'RetryStorm', service, environment: 'demo' },
    annotations: {},
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: fingerprintOf(service),
  }));
  return { version: '4', status: 'firing', receiver: 'belay', groupKey: '{}', alerts };
}

function fingerprintOf(service: string): string {
  return `fp-${service}`;
}

function runOf(service: string): string {
  return runIdOf(
    'tune-retries',
    alertOf('RetryStorm', { fingerprint: fingerprintOf(service), startsAt }),
  );
}

type Seen = Pick<RunRow, 'state' | 'plan_hash' | 'outcome' | 'reason'>;

/** Looks until it is so, for twenty seconds at most. */
async function when(run: string, holds: (seen: RunRow) => boolean): Promise<RunRow> {
  for (let look = 0; look < 200; look += 1) {
    const row = await getRun(db, run);
    if (row !== undefined && holds(row)) return row;
    await sleep(100);
  }
  const last: Seen | undefined = await getRun(db, run);
  throw new Error(
    `${run} did not get there; it is ${last?.state ?? 'unknown'}: ${last?.reason ?? ''}`,
  );
}

const waits = ({ state, plan_hash: plan }: Seen): boolean => state === 'waiting' && plan !== null;
const hasOutcome = ({ outcome }: Seen): boolean => outcome !== null;

/** At level 4 nobody is asked, so nothing in the ledger says that it waits; the offer in the run itself does. */
async function planOf(run: string, decision: OperatorMessage): Promise<string> {
  const ready = decision === 'veto' ? ({ plan_hash: plan }: Seen) => plan !== null : waits;
  return shortHash((await when(run, ready)).plan_hash ?? '');
}

interface Decision {
  readonly run: string;
  readonly decision: OperatorMessage;
  readonly plan: string;
}

async function byBelay({ run, decision, plan }: Decision): Promise<void> {
  const more = {
    modify: ['--step', 'lower-retries', '--set', 'value=2'],
    ...Object.fromEntries(clickable.map((kind) => [kind, ['--plan', plan]])),
  }[decision as string];
  const args = [decision, run, '--note', 'as tested', '--json', ...(more ?? [])];
  const said = await belay(args, { env });
  expect(said.err).toBe('');
  expect(documentOf(said)).toMatchObject({ run, signal: decision, by: 'ana', counted: true });
  expect(said.exit).toBe(0);
}

function byTemporal({ run, decision, plan }: Decision): void {
  const more = decision === 'modify' ? { step: 'lower-retries', input: { value: 2 } } : { plan };
  const input = JSON.stringify({ by: 'ana', note: 'as tested', ...more });
  signal(run, ['--name', decision, '--input', input]);
}

function byClick({ run, decision, plan }: Decision): void {
  signal(run, ['--name', `${decision}:approval:${plan}`, '--identity', 'ana']);
}

function signal(run: string, args: readonly string[]): void {
  const where = ['--address', engine.temporalAddress, '--namespace', engine.namespace];
  const command = ['workflow', 'signal', '-w', run, ...args, ...where];
  const sent = spawnSync(programOf('temporal'), command, { encoding: 'utf8' });
  expect({ status: sent.status, err: sent.stderr }).toMatchObject({ status: 0 });
}

const send: Record<Way, (decision: Decision) => Promise<void> | void> = {
  belay: byBelay,
  temporal: byTemporal,
  click: byClick,
};

describe('each decision counts, whichever way a person sends it', () => {
  test.each(cases)('$decision by $way', async ({ decision, way, service }) => {
    const run = runOf(service);
    const plan = await planOf(run, decision);
    if (decision === 'undo') {
      await byBelay({ run, decision: 'approve', plan });
      await when(run, ({ outcome }) => outcome === 'resolved');
      expect(services.retriesOf(service)).toBe(3);
    }
    await send[way]({ run, decision, plan });
    if (decision === 'modify') {
      const changed = await when(
        run,
        (now) => waits(now) && shortHash(now.plan_hash ?? '') !== plan,
      );
      await byBelay({ run, decision: 'approve', plan: shortHash(changed.plan_hash ?? '') });
    }
    const { outcome, reason, retries } = decisions[decision];
    const end = await when(run, (now) => now.outcome === outcome);
    expect({ outcome: end.outcome, reason: end.reason }).toEqual({ outcome, reason });
    expect(services.retriesOf(service)).toBe(retries);
    if (retries === 5) expect(services.textOf(service)).toBe(textBefore);
    const heard = (await ledgerOf(db, run)).find(
      ({ kind, says }) => kind === 'signal' && says.includes(decision),
    );
    expect(heard).toMatchObject({
      actor: 'ana',
      says: expect.stringContaining(`sent ${decision}`),
    });
  });
});

describe('a decision that does not count is answered', () => {
  test('an approval of another plan is ignored, says why and ends with 1', async () => {
    const run = runOf('stale-plan');
    await when(run, waits);
    const said = await belay(['approve', run, '--plan', 'deadbeef', '--json'], { env });
    expect(documentOf(said)).toMatchObject({ counted: false });
    expect(documentOf(said)['says']).toContain('it names plan deadbeef; what is asked is plan');
    expect(said.exit).toBe(1);
    expect((await getRun(db, run))?.state).toBe('waiting');
    expect(services.textOf('stale-plan')).toBe(textBefore);
  });

  test('a value out of bounds is ignored and says the bounds', async () => {
    const run = runOf('stale-plan');
    const change = ['--step', 'lower-retries', '--set', 'value=11'];
    const said = await belay(['modify', run, ...change], { env });
    expect(said.exit).toBe(1);
    expect(said.out).toContain('value must be a number from 0 to 10');
  });

  test('what comes too late is refused', async () => {
    const run = runOf('reject-belay');
    await when(run, ({ state }) => state === 'closed');
    const said = await belay(['halt', run], { env });
    expect(said.exit).toBe(1);
    expect(said.err).toContain('is no open run');
  });

  test('a beginning that several runs share is refused with their names', async () => {
    const said = await belay(['halt', 'tune-retries.fp-approve-'], { env });
    expect(said.exit).toBe(2);
    expect(said.err).toContain('several runs begin with');
  });
});

describe('without a plan', () => {
  test('nobody there: approve refuses and names the plan to pass', async () => {
    const run = runOf('unasked');
    const plan = await planOf(run, 'approve');
    const said = await belay(['approve', run], { env });
    expect(said.exit).toBe(2);
    expect(said.err).toContain(`--plan ${plan}`);
    expect((await getRun(db, run))?.state).toBe('waiting');
  });

  test('a person there: approve shows the plan and asks, and anything but yes sends nothing', async () => {
    const run = runOf('asked');
    const plan = await planOf(run, 'approve');
    const no = await belay(['approve', run], { env, answers: [''] });
    expect(no.exit).toBe(1);
    expect(no.out).toContain('set retries of asked to 3 and reload');
    expect(no.out).toContain(`approve plan ${plan}? [y/N]`);
    const yes = await belay(['approve', run], { env, answers: ['y'] });
    expect(yes).toMatchObject({ exit: 0, err: '' });
    await when(run, hasOutcome);
    expect(services.retriesOf('asked')).toBe(3);
  });

  test('the run may be named by a beginning that only it has, and reject by nothing more', async () => {
    const run = runOf('beginnings');
    await when(run, waits);
    const said = await belay(['reject', 'tune-retries.fp-beg', '--json'], { env });
    expect(documentOf(said)).toMatchObject({ run, counted: true });
  });
});

describe('looking', () => {
  test('runs --waiting lists those that wait, and only those', async () => {
    const said = await belay(['runs', '--waiting', '--json'], { env });
    const { runs } = documentOf(said) as { runs: { run: string; state: string }[] };
    expect(runs.map(({ run }) => run)).toContain(runOf('unasked'));
    expect(new Set(runs.map(({ state }) => state))).toEqual(new Set(['waiting']));
  });

  test('show tells a person what, why, until when and how to answer', async () => {
    const run = runOf('unasked');
    const plan = await planOf(run, 'approve');
    const { out } = await belay(['show', run], { env });
    expect(out).toContain('RetryStorm on unasked');
    expect(out).toMatch(/waiting at level 3, human approves, until 20\d\d-.* left\)/);
    expect(out).toContain('"value":5');
    expect(out).toContain('"value":3');
    expect(out).toContain('each retry multiplies the load of its upstream');
    expect(out).toContain(`belay approve ${run} --plan ${plan}`);
    expect(out).toContain(`belay modify ${run} --step lower-retries --set value=...`);
    expect(out).toContain(`temporal workflow signal -w ${run} --name approve:approval:${plan}`);
    expect(out).toMatch(/opened +RetryStorm on unasked: tune-retries begins/);
  });

  test('watch follows a run from its beginning to its outcome, and then ends', async () => {
    const run = runOf('approve-belay');
    const said = await belay(['watch', '--until-outcome', run, '--json'], { env });
    const kinds = said.out
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect(kinds[0]).toBe('opened');
    expect(kinds).toEqual(expect.arrayContaining(['proposal', 'signal', 'intent', 'effect']));
    expect(kinds.at(-1)).toBe('outcome');
    expect(said.exit).toBe(0);
  });

  test('watch ends with 1 when the outcome does not come in time', async () => {
    const args = ['watch', '--until-outcome', runOf('unasked'), '--within', '0.3'];
    expect(await belay(args, { env })).toMatchObject({ exit: 1 });
  });

  test('the doctor finds everything in order', async () => {
    const said = await belay(['doctor', '--json'], { env });
    const { findings } = documentOf(said) as { findings: { name: string; state: string }[] };
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(14);
    expect(said.exit).toBe(0);
  });
});

describe('a rehearsal', () => {
  test('prints proposal, gates and level, and changes and writes nothing', async () => {
    const before = services.textOf('unasked');
    const alert = JSON.stringify(
      alertOf('RetryStorm', {
        service: 'unasked',
        fingerprint: 'fp-plan',
        startsAt,
      }),
    );
    const place = { env, input: alert };
    const said = await belay(['plan', 'tune-retries', '--alert', '-', '--json'], place);
    expect(said.err).toBe('');
    expect(documentOf(said)).toMatchObject({
      kind: 'proposed',
      proposal: {
        steps: [{ name: 'lower-retries', before: { value: 5 }, expected: { value: 3 } }],
      },
      judgement: { terms: { level: 3 } },
    });
    expect(services.textOf('unasked')).toBe(before);
    const none = await belay(['show', 'tune-retries.fp-plan'], { env });
    expect(none.err).toContain('no run begins with');
    const text = await belay(['plan', 'tune-retries', '--alert', '-'], place);
    expect(text.out).toContain('It would run at level 3, human approves');
  });

  test('of a service whose setting cannot be read there is no plan, and it ends with 1', async () => {
    const alert = JSON.stringify(alertOf('RetryStorm', { service: 'nowhere', startsAt }));
    const said = await belay(['plan', 'tune-retries', '--alert', '-'], { env, input: alert });
    expect(said.exit).toBe(1);
    expect(said.out).toContain('no plan (unobservable)');
  });
});

describe('the switch', () => {
  test('what is stopped is refused in a rehearsal, until it is resumed', async () => {
    const alert = JSON.stringify(
      alertOf('RetryStorm', {
        service: 'unasked',
        fingerprint: 'fp-stop',
        startsAt,
      }),
    );
    const rehearse = () => belay(['plan', 'tune-retries', '--alert', '-'], { env, input: alert });
    expect(await belay(['stop', 'service:unasked', '--why', 'tested'], { env })).toMatchObject({
      exit: 0,
    });
    expect((await rehearse()).out).toMatch(/stopped +refuse/);
    expect((await belay(['doctor'], { env })).out).toContain('belay resume service:unasked');
    expect(await belay(['resume', 'service:unasked'], { env })).toMatchObject({ exit: 0 });
    expect((await rehearse()).out).toContain('level 3');
    const again = await belay(['resume', 'service:unasked'], { env });
    expect(again.exit).toBe(1);
    expect(again.err).toContain('is not stopped');
  });
});
