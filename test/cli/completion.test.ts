/** Completion for each shell: made from the tree of commands, so none can be forgotten, and valid for its shell. */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { shells } from '../../scripts/cli/completion.js';
import { createProgram } from '../../scripts/cli/program.js';
import { terminalOf } from '../../scripts/cli/terminal.js';
import { belay } from './recorded-terminal.js';

const names = createProgram(terminalOf(process)).commands.map((command) => command.name());

test.each(shells)('%s completes every command and every flag', async (shell) => {
  const { exit, out } = await belay(['completion', shell]);
  expect(exit).toBe(0);
  for (const name of [...names, 'runbook', 'until-outcome', 'fingerprint']) {
    expect(out).toMatch(new RegExp(`\\b${name}\\b`));
  }
});

test('bash takes the script and completes commands, flags and the words after them', async () => {
  const { out } = await belay(['completion', 'bash']);
  const complete = (words: readonly string[]): string[] => {
    const set = `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`;
    const script = `${out}\n${set}; _belay; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = spawnSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    return ran.stdout.trim().split('\n');
  };
  expect(complete(['belay', 'ap'])).toEqual(['approve']);
  expect(complete(['belay', 'new', 'ru'])).toEqual(['runbook']);
  expect(complete(['belay', 'completion', ''])).toEqual(expect.arrayContaining([...shells]));
  expect(complete(['belay', 'runs', '--w'])).toEqual(['--waiting']);
  expect(complete(['belay', 'watch', '--json', '--un'])).toEqual(['--until-outcome']);
});

test.each(['zsh', 'fish'])('%s takes its script, where that shell is installed', async (shell) => {
  const found = spawnSync(shell, ['--version']).status === 0;
  const { out } = await belay(['completion', shell]);
  const ran = found ? spawnSync(shell, ['-n'], { input: out, encoding: 'utf8' }) : undefined;
  expect(ran?.stderr ?? '').toBe('');
});
