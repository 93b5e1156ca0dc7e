/** `belay demo`: hands everything after it to the demo's own program and ends as that ends. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { projectFolder } from '../engine/project-folder.js';
import { addCommand } from './command.js';
import { Ended, refused } from './complaint.js';
import type { Terminal } from './terminal.js';

export function addDemo(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'demo',
    says: 'Break a real service five times and watch what Belay does',
    json: 'print one JSON line with the scenarios',
  })
    .option('--once', 'end after the scenarios instead of staying up')
    .argument('[args...]', "the demo's own")
    .allowUnknownOption()
    .action(async (args: string[], options: Readonly<Record<string, unknown>>) => {
      const flags = ['once', 'json']
        .filter((name) => options[name] === true)
        .map((name) => `--${name}`);
      const code = await run(terminal, [...flags, ...args]);
      if (code !== 0) throw new Ended(code);
    });
}

async function run({ env, ending }: Terminal, args: readonly string[]): Promise<number> {
  const program = join(projectFolder(), 'dist', 'scripts', 'demo.js');
  if (!existsSync(program))
    throw refused('the demo is not built', 'npm run build, or npm run demo');
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit', env });
  // It gets a Ctrl-C of the terminal itself; any other end is passed on.
  ending.addEventListener('abort', () => child.kill('SIGTERM'));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code) => {
      done(code ?? 1);
    });
  });
}
