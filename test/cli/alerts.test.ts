/** `belay parse` and `belay match` on real bodies: normalised lines, the runbook that takes each alert, and why the others do not. */
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { defineMapping, genericOf } from '../../activities/senders/generic.js';
import { temporaryFolder } from '../support/intake.js';
import { belay, documentOf } from './recorded-terminal.js';

const folder = 'test/fixtures/alertmanager';
const mixed = `${folder}/alertmanager-v4-group-mixed.json`;
const firing = `${folder}/alertmanager-v4-prometheus-firing.json`;

function linesOf(out: string): Record<string, unknown>[] {
  const lines = out.trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('parse prints each alert of a body as one JSON line, with its fields in a fixed order', async () => {
  const said = await belay(['parse', 'alertmanager', mixed]);
  expect(said).toMatchObject({ exit: 0, err: '' });
  const alerts = linesOf(said.out);
  expect(alerts.map(({ status }) => status)).toEqual(['firing', 'resolved']);
  for (const alert of alerts) {
    expect(Object.keys(alert).join(' ')).toBe(
      'source fingerprint name status severity startsAt endsAt service environment labels annotations link',
    );
  }
});

test('parse reads what is piped in as it reads a file', async () => {
  const input = readFileSync(mixed, 'utf8');
  const piped = await belay(['parse', 'alertmanager', '-'], { input });
  expect(piped).toEqual(await belay(['parse', 'alertmanager', mixed]));
});

test('parse refuses a broken body with its place and the fix', async () => {
  const body = JSON.parse(readFileSync(mixed, 'utf8')) as { alerts: Record<string, unknown>[] };
  body.alerts.forEach((alert) => (alert['startsAt'] = 'yesterday'));
  const said = await belay(['parse', 'alertmanager'], { input: JSON.stringify(body) });
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toMatch(
    /^belay: the input: alerts\[0\]\.startsAt: .*: send RFC 3339.*\(and 1 more\)\n$/,
  );
});

test('match names the runbook that takes an alert and why the other does not', async () => {
  const said = await belay(['match', firing, '--json']);
  expect(said.exit).toBe(0);
  expect(linesOf(said.out)[0]).toMatchObject({
    name: 'ServiceDown',
    runbook: 'restart-service',
    considered: expect.arrayContaining([
      { runbook: 'restart-service', matches: true, why: 'handles alertname=ServiceDown' },
      { runbook: 'tune-retries', matches: false, why: 'alertname is ServiceDown, not RetryStorm' },
    ]),
  });
});

test('match reads the lines of parse, so that the two can be piped', async () => {
  const parsed = await belay(['parse', 'alertmanager', firing]);
  const piped = await belay(['match'], { input: parsed.out });
  expect(piped).toEqual(await belay(['match', firing]));
});

test('match says when no runbook takes an alert', async () => {
  const said = await belay(['match', mixed]);
  expect(said.exit).toBe(0);
  expect(said.out).toContain(
    'HighLatency on a (firing): no runbook: no runbook handles HighLatency',
  );
});

test('match reads any sender, and says when a body neither begins nor ends an episode', async () => {
  const bodies = 'test/intake/bodies/grafana';
  const said = await belay(['match', `${bodies}/firing.json`, '--source', 'grafana']);
  expect(said).toMatchObject({ exit: 0, err: '' });
  expect(said.out).toContain('restart-service  no  alertname is ');
  const note = await belay([
    'match',
    'test/intake/bodies/pagerduty/nothing-ping.json',
    '--source',
    'pagerduty',
  ]);
  expect(note).toMatchObject({ exit: 0, err: '' });
  expect(note.out).toMatch(/^no alert: .*nothing-ping\.json begins and ends nothing, .*ping/);
  const asked = [
    'match',
    'test/intake/bodies/pagerduty/nothing-ping.json',
    '--source',
    'pagerduty',
  ];
  const json = await belay([...asked, '--json']);
  expect(linesOf(json.out)).toEqual([{ runbook: null, why: expect.stringContaining('ping') }]);
});

test('plan and new runbook say what a body is that is no alert, instead of counting none', async () => {
  const body = 'test/intake/bodies/pagerduty/nothing-ping.json';
  for (const args of [
    ['plan', 'restart-service', '--alert', body],
    ['new', 'runbook', '--from-alert', body],
  ]) {
    const said = await belay([...args, '--source', 'pagerduty']);
    expect(said).toMatchObject({ exit: 1, out: '' });
    expect(said.err).toMatch(/nothing-ping\.json holds no alert: .*ping.*: give one that begins/);
  }
});

test('a generic body that no mapping takes is told where a mapping is declared', async () => {
  const said = await belay(['match', '--source', 'generic'], { input: '{"a":1}' });
  expect(said).toMatchObject({ exit: 1, out: '' });
  expect(said.err).toContain('activities/senders/mappings.ts');
  expect(said.err).toContain('declare a mapping');
});

test('new runbook takes an alert that a mapping of generic has read', async () => {
  const mapping = defineMapping({
    name: 'probe',
    sample: { kind: 'probe', id: 7, state: 'down', since: '2026-11-21T01:03:41Z', until: '' },
    when: { at: 'kind', is: ['probe'] },
    alert: {
      fingerprint: ['id'],
      name: { constant: 'ProbeDown' },
      status: { at: 'state', values: { down: 'firing', up: 'resolved' } },
      startsAt: { at: 'since' },
      endsAt: { at: 'until' },
      labels: { probe: { at: 'id' } },
    },
  });
  const body = { kind: 'probe', id: 9, state: 'down', since: '2026-11-21T02:00:00Z', until: '' };
  const parsed = genericOf([mapping]).parse(Buffer.from(JSON.stringify(body)));
  if (parsed.kind !== 'alerts') throw new Error('the mapping does not read it');
  const project = temporaryFolder('generic');
  for (const file of ['runbooks/index.ts', 'workflows/index.ts', 'test/unwind/harness.ts']) {
    cpSync(file, join(project.path, file), { recursive: true });
  }
  const input = `${JSON.stringify(parsed.alerts[0])}\n`;
  const args = ['new', 'runbook', '--from-alert', '-', '--folder', project.path];
  const said = await belay([...args, '--json'], { input });
  const kept = readFileSync(join(project.path, 'runbooks/probe-down/alert.jsonl'), 'utf8');
  project.remove();
  expect(documentOf(said)).toMatchObject({ runbook: 'probe-down', alertname: 'ProbeDown' });
  expect(linesOf(kept)[0]).toMatchObject({ source: 'generic', labels: { probe: '9' } });
});

test('match refuses a normalised line that lacks a field, with its line number', async () => {
  const { out } = await belay(['parse', 'alertmanager', firing]);
  const [alert = {}] = linesOf(out);
  const { startsAt, ...without } = alert;
  expect(startsAt).toBeDefined();
  const said = await belay(['match'], { input: `${out}${JSON.stringify(without)}\n` });
  expect(said.exit).toBe(1);
  expect(said.err).toContain('the input:2: startsAt:');
});

test('nothing an alert says moves the cursor of a terminal', async () => {
  const parsed = await belay(['parse', 'alertmanager', firing]);
  const [alert = {}] = linesOf(parsed.out);
  const hostile = { ...alert, name: 'Down\u001b[2J\u009b1m\u202e', labels: {} };
  const said = await belay(['match'], { input: `${JSON.stringify(hostile)}\n` });
  expect(said.exit).toBe(0);
  expect(said.out).toContain('Down');
  expect(
    [...said.out].filter((letter) => /[\p{Cc}\u202e]/u.test(letter) && letter !== '\n'),
  ).toEqual([]);
});
