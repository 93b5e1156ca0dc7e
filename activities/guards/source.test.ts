/** The files the guards go by: what they say, what is wrong with them and where, and that a broken one loosens nothing. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createPrometheusBudgets } from './error-budget.js';
import { fleetSchema, placeOf } from './fleet.js';
import { defaultRules, noRules, rulesSchema } from './rules.js';
import { createGuards, noErrorBudgets, type Guards } from './source.js';
import { parseYaml } from './yaml.js';

const rules = (text: string) => parseYaml(`version: 1\n${text}`, 'guards.yaml', rulesSchema);
const fleet = (text: string) => parseYaml(`version: 1\n${text}`, 'fleet.yaml', fleetSchema);

describe('guards.yaml', () => {
  test('has a default for all that is left out, and off for what is switched off', () => {
    expect(defaultRules.recurring).toEqual({ max: 3, within: 3_600_000 });
    expect(rules('recurring: off').recurring).toBeNull();
    expect(noRules).toMatchObject({ recurring: null, storm: null, breaker: null, risk: null });
  });

  test.each([
    ['recurring: { max: 0, within: 1h }', /^guards.yaml:2:14: recurring.max: /],
    ['recurring: { max: 3, within: 2d }', /^guards.yaml:2:22: recurring.within: a duration is/],
    ['recuring: off', /^guards.yaml:2:1: recuring is no key known here/],
    ['recurring: on', /^guards.yaml:2:1: recurring: write off, or the settings of this guard/],
    ['blastRadius: { zone: { share: 120% } }', /:2:24: blastRadius.zone.share: a share is text/],
    ['breaker: { target: { failures: 3 } }', /breaker.target.retryAfter/],
    ['frozen: { calendars: [a.ics], timeZone: Mars/Base }', /frozen.timeZone: a time zone is/],
    ['rate: [', /^guards.yaml:2:/],
  ])('names line, column and fix: %s', (text, says) => {
    expect(() => rules(text)).toThrow(says);
  });
});

describe('fleet.yaml', () => {
  test('says where a service stands and what it stands on, by way of others as well', () => {
    const known = fleet(`services:
  db: { zone: a, instances: 3 }
  shop: { zone: a, instances: 4, minHealthy: 2, dependsOn: [db] }
  web: { zone: b, dependsOn: [shop] }`);
    expect(placeOf(known, 'web').dependencies).toEqual(['shop', 'db']);
    expect(placeOf(known, 'shop')).toMatchObject({ zone: 'a', instances: 4, minHealthy: 2 });
    expect(placeOf(known, 'shop').zoneSize.instances).toBe(7);
    expect(placeOf(known, 'shop').fleetSize.instances).toBe(8);
    expect(placeOf(known, 'constructor')).toMatchObject({ zone: null, dependencies: [] });
  });

  test.each([
    ['services: { a: { dependsOn: [b] } }', /a.dependsOn: there is no service b here/],
    [
      'services: { a: { dependsOn: [b] }, b: { dependsOn: [a] } }',
      /^fleet.yaml:2:18: services.a.dependsOn: a depends on itself in the end/,
    ],
    ['services: { a: { minHealthy: 2 } }', /a.minHealthy: minHealthy needs instances/],
    ['services: { a: { zoen: b } }', /^fleet.yaml:2:18: services.a.zoen is no key known here/],
  ])('names line, column and fix: %s', (text, says) => {
    expect(() => fleet(text)).toThrow(says);
  });
});

describe('the files as they change', () => {
  let folder: string;
  let guards: Guards;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belay-guards-'));
    guards = createGuards({
      rulesPath: join(folder, 'guards.yaml'),
      fleetPath: join(folder, 'fleet.yaml'),
      errorBudgets: noErrorBudgets,
    });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);
  const ask = async (at = '2026-01-05T08:30:00Z') => {
    const nowMs = Date.parse(at);
    const terms = await guards.ask({ service: 'shop', scopes: ['everything'], nowMs });
    return terms.known ? terms.value : terms;
  };
  const event = (day: string): string =>
    `BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:${day}T080000Z\nDURATION:PT1H\nEND:VEVENT\nEND:VCALENDAR\n`;

  test('without any the defaults hold', async () => {
    expect(await ask()).toMatchObject({ rules: defaultRules, place: { zone: null } });
    expect(await guards.problems()).toEqual([]);
  });

  test('one that becomes wrong leaves the last good one in force, and says where it is wrong', async () => {
    await write('guards.yaml', 'version: 1\nrecurring: { max: 7, within: 1h }\n');
    expect(await ask()).toMatchObject({ rules: { recurring: { max: 7 } } });
    await write('guards.yaml', 'version: 1\nrecurring: { max: many }\n');
    expect(await ask()).toMatchObject({ rules: { recurring: { max: 7 } } });
    expect((await guards.problems()).join()).toMatch(/guards.yaml:2:14: .*stays in force/s);
    await rm(join(folder, 'guards.yaml'));
    expect(await ask()).toMatchObject({ rules: { recurring: { max: 7 } } });
  });

  test('one that was never right gives no rules: nothing is let in', async () => {
    await write('guards.yaml', 'version: 2\n');
    expect(await ask()).toMatchObject({
      known: false,
      why: expect.stringMatching(/:1:1: version/),
    });
  });

  test('a file that a person named must be there', async () => {
    const named = createGuards({
      rulesPath: join(folder, 'mine.yaml'),
      fleetPath: join(folder, 'fleet.yaml'),
      required: ['rules'],
      errorBudgets: noErrorBudgets,
    });
    const asked = await named.ask({ service: 'shop', scopes: [], nowMs: 0 });
    expect(asked).toMatchObject({ known: false, why: expect.stringMatching(/no such file/) });
  });

  test('a broken calendar leaves the last good one in force; with none good the gate cannot know', async () => {
    await write('guards.yaml', 'version: 1\nfrozen: { calendars: [freeze.ics] }\n');
    expect(await ask()).toMatchObject({ frozen: { known: false } });
    await write('freeze.ics', event('20260105'));
    expect(await ask()).toMatchObject({ frozen: { value: [{ calendar: 'freeze.ics' }] } });
    expect(await ask('2026-01-05T10:00:00Z')).toMatchObject({ frozen: { value: [] } });
    await write('freeze.ics', event('2026xx05'));
    expect(await ask()).toMatchObject({ frozen: { value: [{ calendar: 'freeze.ics' }] } });
    expect((await guards.problems()).join()).toMatch(/freeze.ics:3: .*stays in force/);
  });

  test('a budget that is asked for and that nobody can tell is unknown', async () => {
    await write('guards.yaml', `version: 1\n${budgetRule('http://127.0.0.1:9')}\n`);
    expect(await ask()).toMatchObject({ errorBudget: { known: false } });
  });
});

function budgetRule(url: string): string {
  return `errorBudget:
  services: [shop]
  leftMin: 10%
  maxAge: 5m
  query: slo:left{service="$service"}
  prometheusUrl: ${url}`;
}

describe('the error budget from Prometheus', () => {
  let server: Server;
  let queries: string[];
  let answers: (query: string) => unknown;
  beforeEach(async () => {
    queries = [];
    server = createServer((request, response) => {
      const query = new URL(request.url ?? '/', 'http://x').searchParams.get('query') ?? '';
      queries.push(query);
      response.end(JSON.stringify(answers(query)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const vector = (...values: string[]) => ({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ value: [0, value] })) },
  });
  const left = (service = 'shop') => {
    const { port } = server.address() as AddressInfo;
    const { errorBudget } = rules(budgetRule(`http://127.0.0.1:${port}`));
    if (errorBudget === null) throw new Error('the rule is there');
    return createPrometheusBudgets().leftOf(service, errorBudget);
  };

  test('is what is left, with the moment of its oldest sample', async () => {
    answers = (query) => vector(query.startsWith('min(timestamp(') ? '1700000000' : '0.25');
    expect(await left()).toEqual({ known: true, value: { left: 0.25, atMs: 1_700_000_000_000 } });
    expect(queries).toContain('slo:left{service="shop"}');
  });

  test('asks for no more than the service, whatever it is called', async () => {
    answers = () => vector('1');
    await left('a"} or vector(1) #');
    expect(queries).toContain('slo:left{service="a\\"} or vector(1) #"}');
  });

  test.each([
    ['no sample', () => vector()],
    ['two samples', () => vector('1', '1')],
    ['no number', () => vector('NaN')],
    ['a warning', () => ({ ...vector('1'), warnings: ['a part is missing'] })],
    ['something else', () => ({ hello: 'world' })],
  ])('is unknown with %s', async (_, given) => {
    answers = given;
    expect(await left()).toMatchObject({ known: false });
  });
});
