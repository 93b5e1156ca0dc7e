/**
 * `belay policy prove`: proves the invariants of a set, or tells what a change of it newly allows. Exit 1 when something is not
 * proved, or newly allowed and not accepted with --yes.
 */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { newlyAllowed, type Difference } from '../../../activities/policy/prove/difference.js';
import { invariantsIn, ownInvariants } from '../../../activities/policy/prove/invariants.js';
import { lifted } from '../../../activities/policy/prove/lifted.js';
import { prove, type Proof } from '../../../activities/policy/prove/prove.js';
import { withSolver } from '../../../activities/policy/prove/solver.js';
import { filesOf, readFolder, readSetFilesNow } from '../../../activities/policy/set-files.js';
import { compileSet, type CompiledSet } from '../../../activities/policy/set.js';
import { columns } from '../columns.js';
import { print, type JsonOption } from '../command.js';
import { Ended, misused, refused } from '../complaint.js';
import type { Paint, Terminal } from '../terminal.js';
import { compiledSet, said, servicesPathOf, type SetOption } from './the-set.js';

export interface ProveOptions extends JsonOption, SetOption {
  readonly from?: string;
  readonly to?: string;
  readonly yes?: true;
}

export async function proveSet(terminal: Terminal, options: ProveOptions): Promise<void> {
  const path = servicesPathOf(terminal, options);
  if (options.from !== undefined)
    return compare(terminal, { ...options, from: options.from }, path);
  if (options.to !== undefined) throw misused('--to without --from', 'name both revisions');
  const rules = compiledSet(path).compiled.map(({ rule }) => rule);
  const invariants = said(() => [
    ...ownInvariants(),
    ...invariantsIn(readFolder(path, 'invariants', '.cedar')),
  ]);
  const startedMs = performance.now();
  const proofs = await withSolver((solving) => prove(rules, invariants, solving));
  const tookMs = Math.round(performance.now() - startedMs);
  print(terminal, options, {
    document: { path, proofs, tookMs },
    lines: (paint) => [
      ...columns(proofs.map((proof) => proofRow(proof, paint))),
      ...proofs.flatMap((proof) => counterexample(proof, paint)),
      `${proofs.filter(isProved).length} of ${proofs.length} proved in ${(tookMs / 1000).toFixed(1)} s`,
    ],
  });
  if (!proofs.every(isProved)) throw new Ended(1);
}

function isProved({ result }: Proof): boolean {
  return result === 'proved';
}

function proofRow({ id, says, result, tookMs }: Proof, paint: Paint): string[] {
  const colour = result === 'proved' ? 'green' : 'red';
  return [paint(colour, result), id, says, paint('dim', `${Math.round(tookMs)} ms`)];
}

function counterexample({ id, counterexample: words }: Proof, paint: Paint): string[] {
  return words === null ? [] : ['', `${paint('red', `not so: ${id}`)}: ${words}`];
}

interface Compared extends ProveOptions {
  readonly from: string;
}

/** To the working tree unless a revision is named. */
async function compare(terminal: Terminal, options: Compared, path: string): Promise<void> {
  const { from, to } = options;
  const before = setAt(from, path);
  const after = to === undefined ? said(() => compileSet(readSetFilesNow(path))) : setAt(to, path);
  const changes = lifted(before, after);
  const difference = await withSolver((solving) =>
    newlyAllowed(comparedSet(before), comparedSet(after), solving),
  );
  const nothing = difference.complete && difference.allowed.length + changes.length === 0;
  print(terminal, options, {
    document: { from, to: to ?? null, ...difference, lifted: changes },
    lines: (paint) => differenceLines(difference, changes, paint),
  });
  if (!nothing && options.yes !== true) throw new Ended(1);
}

function comparedSet({ table, compiled }: CompiledSet) {
  return { table, rules: compiled.map(({ rule }) => rule) };
}

function differenceLines(
  { allowed, complete }: Difference,
  changes: readonly string[],
  paint: Paint,
): string[] {
  if (complete && allowed.length + changes.length === 0) {
    return [paint('green', 'it allows nothing that was not allowed before')];
  }
  return [
    paint('yellow', 'newly allowed:'),
    ...allowed.map(({ says }) => `  ${says}`),
    ...changes.map((line) => `  ${line}`),
    ...(complete ? [] : [paint('red', '  and more than could be listed: read the change itself')]),
    'when that is meant: the same command with --yes',
  ];
}

/** The set as it was at a revision. Throws a complaint when git does not know it. */
function setAt(revision: string, path: string): CompiledSet {
  const folder = dirname(path);
  if (!/^[\w./~^@{}-]+$/.test(revision) || revision.startsWith('-')) {
    throw misused(`"${revision}" is no revision`, 'name a commit, a tag or a branch');
  }
  const names = git(folder, ['ls-tree', '--name-only', revision, './']).split('\n');
  const files = names
    .filter((name) => /\.(cedar|yaml|cedarschema)$|^accepted$/.test(name))
    .map((name) => ({
      name: join(folder, name),
      text: git(folder, ['show', `${revision}:./${name}`]),
    }));
  return said(() => compileSet(filesOf(files, path)));
}

/** More than a set ever has. */
const bytesMax = 50_000_000;

function git(folder: string, args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: bytesMax,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw refused(
      `git: ${said.split('\n')[0] || 'is not there'}`,
      'name a revision that git knows',
    );
  }
}
