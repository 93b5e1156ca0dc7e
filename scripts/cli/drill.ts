/** `belay drill`: tries a runbook against its own fault in a sandbox and records in the real ledger what came of it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { drillParts, recordDrill, type Drill } from '../../activities/store/trust/drills.js';
import { drills } from '../drill/drills.js';
import { projectFolder } from '../engine/project-folder.js';
import { addCommand, print, type JsonOption } from './command.js';
import { Ended, misused, refused } from './complaint.js';
import { withDb } from './connections.js';
import { byOption, personOf, type PersonOption } from './person.js';
import type { Paint, Terminal } from './terminal.js';

export function addDrill(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'drill',
    says: 'Break a runbook’s sandbox with its own fault, and record what it did',
  })
    .argument('<runbook>', `one of ${[...drills.keys()].join(', ')}`)
    .option(...byOption)
    .action((runbook: string, options: JsonOption & PersonOption) =>
      drill(terminal, runbook, options),
    );
}

async function drill(
  terminal: Terminal,
  runbook: string,
  options: JsonOption & PersonOption,
): Promise<void> {
  if (!drills.has(runbook)) {
    throw misused(
      `no drill is declared for "${runbook}"`,
      `there are: ${[...drills.keys()].join(', ')}`,
    );
  }
  const by = personOf(terminal, options);
  // A drill takes a minute: whether its result can be kept is asked before.
  await withDb(terminal, () => Promise.resolve());
  const done: Drill = { ...(await played(terminal, runbook)), by };
  const entry = await withDb(terminal, (db) => recordDrill(db, done));
  print(terminal, options, {
    document: { entry, ...done },
    lines: (paint) => linesOf(done, paint),
  });
  if (done.parts.some(({ passed }) => !passed)) throw new Ended(1);
}

function linesOf({ runbook, parts, classes, tookMs }: Drill, paint: Paint): string[] {
  return [
    paint('bold', `drill of ${runbook} (${classes.join(', ')}), ${(tookMs / 1000).toFixed(0)} s`),
    ...parts.map(({ part, passed, seen }) => {
      return `  ${passed ? paint('green', 'passed') : paint('red', 'missed')}  ${part.padEnd(10)}  ${seen}`;
    }),
  ];
}

/** The sandbox has servers of its own: what names the real ones must not reach it. */
export function sandboxEnv(env: Terminal['env']): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => {
    const ours = name === 'DATABASE_URL' || /^(BELAY|TEMPORAL|PG)/.test(name);
    return !ours || name === 'BELAY_CACHE' || name === 'BELAY_STATE_FOLDER';
  });
  return Object.fromEntries(
    kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function played({ env, err, ending }: Terminal, runbook: string): Promise<Omit<Drill, 'by'>> {
  const program = join(projectFolder(), 'dist', 'scripts', 'drill.js');
  if (!existsSync(program)) throw refused('the drill is not built', 'npm run build');
  const child = spawn(process.execPath, [program, runbook], {
    env: sandboxEnv(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  ending.addEventListener('abort', () => child.kill('SIGTERM'));
  let out = '';
  let last = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    last = chunk.toString().trimEnd();
    err(last);
  });
  const code = await new Promise<number | null>((done, failed) => {
    child.once('error', failed);
    child.once('close', done);
  });
  const drilled = drilledFrom(out);
  if (code === 0 && drilled !== undefined) return drilled;
  throw refused(
    `the sandbox of ${runbook} did not stand: ${last}`,
    'belay doctor says what is missing',
  );
}

/** Undefined for what is no drill. */
function drilledFrom(out: string): Omit<Drill, 'by'> | undefined {
  try {
    const drilled = JSON.parse(out) as Omit<Drill, 'by'>;
    return drilled.parts.length === drillParts.length ? drilled : undefined;
  } catch {
    return undefined;
  }
}
