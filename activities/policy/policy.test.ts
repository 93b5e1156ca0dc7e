/** What the policy table permits, and how its mistakes are shown. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Alert } from '../../workflows/domain/alert.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import { durationMs } from './duration.js';
import { judgePolicy } from './judge.js';
import { parsePolicy } from './parse.js';
import { createPolicy, type PolicyNews } from './source.js';

const text = `version: 1
self: [belay*]
levels:
  restart: { info: 5, warning: 4, critical: 3 }
  configure: { warning: 3 }
chains:
  default: [{ notify: on-call, wait: 5m }]
  shop: [{ notify: shopkeeper, wait: 90s }, { notify: on-call, wait: 1h }]
services:
  shop: { tier: warning, environment: demo, chain: shop }
  till: { tier: warning, environment: demo, levels: { restart: 2 }, approvalsMin: 2 }
  vault: { tier: info, environment: demo, level: 1 }
runbooks:
  careful: { level: 3, approvalsMin: 1, vetoWindow: 30s }
`;
const table = parsePolicy(text, 'services.yaml');

const alert: Alert = {
  source: 'test',
  fingerprint: 'f',
  name: 'Down',
  status: 'firing',
  severity: 'page',
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: null,
  service: 'shop',
  environment: 'demo',
  labels: {},
  annotations: {},
  link: null,
};

function step(actionClass: string): PlannedStep {
  return {
    name: actionClass,
    action: `test.${actionClass}`,
    actionClass,
    target: 'process:h/p',
    says: '',
    input: {},
    before: null,
    expected: null,
    irreversible: null,
    bounds: {},
  };
}

function ask(service: string, classes: string[], runbook = 'any') {
  return judgePolicy(table, { runbook, alert: { ...alert, service }, steps: classes.map(step) });
}

describe('the policy table', () => {
  test('gives each step the level of its class and tier, and the run the lowest of them', () => {
    const { permissions, terms } = ask('shop', ['restart', 'configure']);
    expect(permissions.map(({ level }) => level)).toEqual([4, 3]);
    expect(terms?.level).toBe(3);
    expect(terms?.tier).toBe('warning');
  });

  test('permits nothing to a service it does not name, even one called like a built-in', () => {
    for (const service of ['kiosk', 'constructor', '__proto__']) {
      const { permissions, terms } = ask(service, ['restart']);
      expect(permissions[0]).toEqual({
        step: 'restart',
        level: null,
        why: `services.yaml names no service ${service}`,
      });
      expect(terms).toBeNull();
    }
  });

  test('permits nothing to a class it does not grant, nor to the service in another environment', () => {
    expect(ask('shop', ['delete']).permissions[0]?.level).toBeNull();
    expect(ask('vault', ['configure']).permissions[0]?.level).toBeNull();
    const elsewhere = {
      runbook: 'any',
      alert: { ...alert, environment: 'prod' },
      steps: [step('restart')],
    };
    expect(judgePolicy(table, elsewhere).permissions[0]?.why).toContain('not in prod');
  });

  test('forbids the run when one of its steps is not permitted', () => {
    expect(ask('shop', ['restart', 'delete']).terms).toBeNull();
  });

  test('lets overrides lower a level and never raise it', () => {
    expect(ask('till', ['restart']).terms?.level).toBe(2);
    expect(ask('vault', ['restart']).terms?.level).toBe(1);
    expect(ask('shop', ['restart'], 'careful').terms?.level).toBe(3);
    expect(ask('till', ['restart'], 'careful').terms?.level).toBe(2);
  });

  test('asks for the larger number of people, and names the chain in milliseconds', () => {
    expect(ask('till', ['restart'], 'careful').terms?.approvalsMin).toBe(2);
    expect(ask('shop', ['restart'], 'careful').terms?.vetoWindowMs).toBe(30_000);
    expect(ask('shop', ['restart']).terms?.chain).toEqual([
      { notify: 'shopkeeper', waitMs: 90_000 },
      { notify: 'on-call', waitMs: 3_600_000 },
    ]);
  });
});

describe('a policy file with a mistake is refused with line and column', () => {
  const cases: [string, string, string, string][] = [
    [
      'a level of 6',
      'warning: 4,',
      'warning: 6,',
      'services.yaml:4:23: levels.restart.warning: a level is',
    ],
    [
      'a misspelt key',
      'level: 1 }',
      'levle: 1 }',
      'services.yaml:12:43: services.vault.levle is no key known',
    ],
    [
      'a duration without unit',
      'wait: 5m',
      'wait: 5',
      'services.yaml:7:32: chains.default.0.wait: a duration is',
    ],
    [
      'a chain that is not there',
      'chain: shop }',
      'chain: shpo }',
      'services.yaml:10:45: services.shop.chain: there is no chain shpo',
    ],
    [
      'no default chain',
      '  default:',
      '  defualt:',
      'services.yaml:6:1: chains: there is no chain default',
    ],
    ['broken YAML', 'self: [belay*]', 'self: [belay*', 'services.yaml:3:'],
    [
      'a key twice',
      'version: 1',
      'version: 1\nversion: 1',
      'services.yaml:2:1: Map keys must be unique',
    ],
    [
      'a tier nobody knows',
      'tier: info',
      'tier: gold',
      'services.yaml:12:12: services.vault.tier: a tier is one of',
    ],
    [
      'a missing environment',
      'tier: info, environment: demo',
      'tier: info',
      'services.yaml:12:3: services.vault.environment',
    ],
  ];
  test.each(cases)('%s', (_, from, to, message) => {
    expect(text).toContain(from);
    expect(() => parsePolicy(text.replace(from, to), 'services.yaml')).toThrow(message);
  });
  test('an empty file, and a bomb of aliases', () => {
    expect(() => parsePolicy('', 'services.yaml')).toThrow(/services.yaml:1:1/);
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((key, at) => `${key}: &${key} [${`*${'abcdef'[at]},`.repeat(9)}]`),
    ];
    expect(() => parsePolicy(bomb.join('\n'), 'services.yaml')).toThrow(/alias/i);
  });
});

test('durations are whole numbers with a unit', () => {
  expect(['250ms', '90s', '5m', '1h', '0s'].map(durationMs)).toEqual([
    250, 90_000, 300_000, 3_600_000, 0,
  ]);
  expect(['', '5', '5 m', '-5m', '1.5h', '5d', 'm'].map(durationMs)).toEqual(
    Array(7).fill(undefined),
  );
});

describe('the file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belay-policy-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const question = { runbook: 'any', alert, steps: [step('restart')] };

  test('is read again when it changed, and a file that became wrong leaves the last good one in force and says so', async () => {
    const path = join(folder, 'services.yaml');
    const news: PolicyNews[] = [];
    const policy = createPolicy({ path, announce: (told) => news.push(told) });
    expect(await policy.ask(question)).toMatchObject({ known: false });
    await writeFile(path, text);
    const first = await policy.ask(question);
    expect(first).toMatchObject({ known: true, value: { self: ['belay*'], terms: { level: 4 } } });
    await writeFile(`${path}.new`, text.replace('warning: 4,', 'warning: 2,'));
    await rename(`${path}.new`, path);
    const second = await policy.ask(question);
    expect(second).toMatchObject({ known: true, value: { terms: { level: 2 } } });
    expect(second.known && first.known && second.value.digest !== first.value.digest).toBe(true);
    await writeFile(path, 'version: 2\n');
    const third = await policy.ask(question);
    expect(third).toMatchObject({
      known: true,
      value: {
        terms: { level: 2 },
        trace: { set: { refused: expect.stringContaining(':1:1: version') } },
      },
    });
    expect(await policy.tierOf('shop')).toBe('warning');
    expect(news.map(({ kind }) => kind)).toEqual(['refused', 'in-force', 'in-force', 'refused']);
    expect(news[3]).toMatchObject({ keeps: second.known ? second.value.digest : '' });
    await writeFile(path, text);
    expect(await policy.ask(question)).toMatchObject({ value: { terms: { level: 4 } } });
  });

  test('of the demo shop grants restart at 4 and configure at 3', async () => {
    const policy = createPolicy({ path: 'policies/services.yaml' });
    const answer = await policy.ask({ ...question, steps: [step('restart'), step('configure')] });
    expect(answer).toMatchObject({
      value: { permissions: [{ level: 4 }, { level: 3 }], trace: { set: { release: '1' } } },
    });
  });
});
