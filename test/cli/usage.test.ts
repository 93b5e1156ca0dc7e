/** Every command when it is used wrongly, or when nobody answers: exit code, one line, the fix, no secret, no stack trace. */
import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../scripts/cli/program.js';
import { terminalOf } from '../../scripts/cli/terminal.js';
import { belay, nobody } from './recorded-terminal.js';

const fixture = 'test/fixtures/alertmanager/alertmanager-v4-prometheus-firing.json';
const run = 'tune-retries.abc.1795235313931';

/** One line of two sentences: what was wrong and the fix. */
const oneLine = /^belay: [^\n]+: [^\n]+\n$/;

describe('wrong usage ends with 2 and one line that names the fix', () => {
  const wrong: Record<string, string[][]> = {
    up: [
      ['up', 'now'],
      ['up', '--folder'],
    ],
    doctor: [['doctor', 'please']],
    runs: [
      ['runs', '--limit', '0'],
      ['runs', '--limit', 'many'],
      ['runs', '--waitin'],
    ],
    show: [['show'], ['show', run, 'another']],
    proposal: [['proposal'], ['proposal', run, 'another']],
    watch: [
      ['watch', '--within', '-1'],
      ['watch', '--until-outcome'],
    ],
    trigger: [['trigger'], ['trigger', run, '--plan', 'xyz']],
    approve: [['approve'], ['approve', run, '--plan', '1234567']],
    reject: [['reject'], ['reject', run, '--step', 's']],
    modify: [
      ['modify', run],
      ['modify', run, '--step', 's', '--set', 'value'],
      ['modify', run, '--set', 'a=1'],
    ],
    veto: [['veto'], ['veto', run, '--plan', 'no']],
    halt: [['halt'], ['halt', run, '--plan', '12345678'], ['halt', run, '--by', ' ']],
    undo: [['undo'], ['undo', run, '--note', 'x'.repeat(501)]],
    takeover: [['takeover']],
    stop: [
      ['stop', 'servce:shop'],
      ['stop', 'service:'],
    ],
    resume: [
      ['resume', 'nothing'],
      ['resume', 'target:'],
    ],
    status: [['status', 'shop']],
    trust: [
      ['trust', 'grant', 'restart', '--environment', 'demo', '--why', 'x'],
      ['trust', 'grant', 'restart', '--tier', 'huge', '--environment', 'demo', '--why', 'x'],
      ['trust', 'propose', 'restart', '--tier', 'warning'],
      ['trust', 'promote', '/nowhere.json'],
    ],
    maturity: [
      ['maturity', '--level', '4'],
      ['maturity', 'assess', '--file', 'x'],
    ],
    shadow: [
      ['shadow', '--days', '0'],
      ['shadow', 'note', run],
      ['shadow', 'note', run, '--did', 'x'],
    ],
    drill: [['drill'], ['drill', 'no-such']],
    inbox: [
      ['inbox', '--limit', '0'],
      ['inbox', 'show'],
      ['inbox', 'show', 'x12'],
      ['inbox', 'replay', '0'],
      ['inbox', 'drop', 'd1'],
      ['inbox', 'bury', 'd1'],
    ],
    fire: [['fire'], ['fire', '/nowhere.json'], ['fire', fixture, '--source', 'nagios']],
    parse: [['parse'], ['parse', 'nagios', fixture], ['parse', 'alertmanager', '/nowhere.json']],
    policy: [
      ['policy'],
      ['policy', 'explain'],
      ['policy', 'report', '--since', 'ever'],
      ['policy', 'prove', '--to', 'HEAD'],
      ['policy', 'check', 'now'],
    ],
    simulate: [['simulate'], ['simulate', '--policy', 'policies', '--since', '1']],
    match: [
      ['match', '/nowhere.json'],
      ['match', fixture, '--source', 'nagios'],
    ],
    gaps: [
      ['gaps', '--since', 'lately'],
      ['gaps', '--since', '0d'],
      ['gaps', '--limit', '0'],
    ],
    report: [
      ['report'],
      ['report', 'yearly'],
      ['report', 'weekly', '--since', 'lately'],
      ['report', 'morning', '--until', 'noon'],
      ['report', 'run'],
    ],
    audit: [
      ['audit', 'prove'],
      ['audit', 'verify', '--key', 'x'],
      ['audit', 'verify', '--checkpoints', '0'],
      ['audit', 'export'],
      ['audit', 'export', '/nowhere', '--since', 'lately'],
      ['audit', 'retire', '/nowhere', '--older-than', '80d'],
      ['audit', 'key', '/nowhere/key'],
      ['audit', 'key', '/nowhere/key', '--name', 'a b'],
    ],
    plan: [
      ['plan', 'restart-service'],
      ['plan', 'no-such', '--alert', fixture],
    ],
    new: [
      ['new'],
      ['new', 'gadget'],
      ['new', 'runbook'],
      ['new', 'runbook', 'CamelCase'],
      ['new', 'runbook', 'find-process'],
      ['new', 'runbook', '--from-alert', '/nowhere.json'],
      ['new', 'runbook', 'a-b', '--from-alert', fixture, '--alert', 'AnyName'],
    ],
    completion: [['completion'], ['completion', 'tcsh']],
  };

  test('every command has such a case, but demo, which hands its words on', () => {
    const all = createProgram(terminalOf(process)).commands.map((command) => command.name());
    const names = all.filter((name) => name !== 'demo');
    expect(Object.keys(wrong).sort()).toEqual([...names].sort());
  });

  const cases = Object.values(wrong).flat();
  test.each(cases.map((args) => ({ args })))('$args', async ({ args }) => {
    const said = await belay(args, { env: nobody });
    expect(said.err).toMatch(oneLine);
    expect({ exit: said.exit, out: said.out }).toEqual({ exit: 2, out: '' });
  });

  test('no command at all prints the help and ends with 2', async () => {
    const said = await belay([]);
    expect(said.exit).toBe(2);
    expect(said.out).toContain('Usage: belay');
  });

  test('help ends with 0', async () => {
    const said = await belay(['approve', '--help']);
    expect(said.exit).toBe(0);
    expect(said.out).toContain('--plan <hash>');
  });
});

describe('where nobody answers it ends with 3 and says who, without the password', () => {
  const unreached = [
    ['runs'],
    ['show', run],
    ['proposal', run],
    ['watch', '--within', '1'],
    ['approve', run, '--plan', '12345678'],
    ['halt', run],
    ['stop'],
    ['resume', 'service:shop'],
    ['status'],
    ['fire', fixture],
    ['gaps'],
    ['plan', 'restart-service', '--alert', fixture],
  ];
  test.each(unreached.map((args) => ({ args })))('$args', async ({ args }) => {
    const said = await belay(args, { env: nobody });
    expect(said.err).toMatch(oneLine);
    expect(said.err).toContain('127.0.0.1:1');
    expect(said.err).not.toContain('secret-word');
    expect(said.exit).toBe(3);
  });

  test('without any address of a database it says how to give one', async () => {
    const said = await belay(['runs'], { env: {} });
    expect(said).toMatchObject({ exit: 3, out: '' });
    expect(said.err).toContain('run belay up in this folder, or set DATABASE_URL');
  });

  test('with --json the complaint is one JSON object', async () => {
    const said = await belay(['runs', '--json'], { env: nobody });
    expect(JSON.parse(said.err)).toMatchObject({ v: 1, exit: 3, fix: expect.any(String) });
  });

  test('the doctor names each part that is away and its fix, and ends with 1', async () => {
    const said = await belay(['doctor', '--json'], { env: nobody });
    const { ok, findings } = JSON.parse(said.out) as {
      ok: boolean;
      findings: { name: string; state: string; fix?: string }[];
    };
    expect({ ok, exit: said.exit }).toEqual({ ok: false, exit: 1 });
    for (const name of ['temporal', 'postgres', 'intake']) {
      const found = findings.find((finding) => finding.name === name);
      expect(found).toMatchObject({ state: 'fail', fix: expect.stringContaining('belay up') });
    }
    expect(findings).toContainEqual(expect.objectContaining({ name: 'node', state: 'ok' }));
    expect(said.out).not.toContain('secret-word');
  });

  test('the doctor names what is wrong with the files that decide, with their line', async () => {
    const broken = { BELAY_GUARDS_FILE: 'test/fixtures/guards/broken.yaml' };
    const said = await belay(['doctor', '--json'], { env: { ...nobody, ...broken } });
    const { findings } = JSON.parse(said.out) as { findings: { name: string; says: string }[] };
    const guards = findings.find(({ name }) => name === 'guards');
    expect(guards).toMatchObject({ state: 'fail', says: expect.stringContaining('broken.yaml:3') });
    const policy = findings.find(({ name }) => name === 'policy');
    expect(policy).toMatchObject({ state: 'ok' });
  });
});
