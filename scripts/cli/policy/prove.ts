/**
 * `belay policy prove`: proves the invariants of a set, or tells what a change of it newly allows. Exit 1 when something is not
 * proved, or newly allowed and not accepted with --yes.
 */
import { performance } from 'node:perf_hooks';
import { newlyAllowed, type Difference } from '../../../activities/policy/prove/difference.js';
import { invariantsIn, ownInvariants } from '../../../activities/policy/prove/invariants.js';
import { lifted } from '../../../activities/policy/prove/lifted.js';
import { prove, type Proof } from '../../../activities/policy/prove/prove.js';
import { withSolver } from '../../../activities/policy/prove/solver.js';
import { readFolder, readSetFilesNow } from '../../../activities/policy/set-files.js';
import { compileSet, type CompiledSet } from '../../../activities/policy/set.js';
import { columns } from '../columns.js';
import { print, type JsonOption } from '../command.js';
import { Ended, misused } from '../complaint.js';
import type { Paint, Terminal } from '../terminal.js';
import { acceptedBetween, beforeLastChange, lastChange, setAt } from './revisions.js';
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
  const { to } = options;
  const from = options.from === lastChange ? beforeLastChange(path) : options.from;
  const before = setAt(from, path);
  const after = to === undefined ? said(() => compileSet(readSetFilesNow(path))) : setAt(to, path);
  const changes = lifted(before, after);
  const difference = await withSolver((solving) =>
    newlyAllowed(comparedSet(before), comparedSet(after), solving),
  );
  const nothing = difference.complete && difference.allowed.length + changes.length === 0;
  const accepted = nothing ? [] : acceptedBetween(path, from, to);
  print(terminal, options, {
    document: { from, to: to ?? null, ...difference, lifted: changes, accepted },
    lines: (paint) => [
      ...differenceLines(difference, changes, paint),
      ...(nothing ? [] : acceptanceLines(accepted, paint)),
    ],
  });
  if (!nothing && options.yes !== true && accepted.length === 0) throw new Ended(1);
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
  ];
}

function acceptanceLines(accepted: readonly string[], paint: Paint): string[] {
  if (accepted.length > 0) return accepted.map((line) => `${paint('green', 'meant')}, ${line}`);
  return [
    'when that is meant: the same command with --yes, or a line "Newly-allows: <why>" at the end of the commit',
  ];
}
