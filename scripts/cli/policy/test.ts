/**
 * `belay policy test`: the table tests beside the policies, which policies they leave untried, and what points at nothing any more;
 * the scenarios that every set must pass; with --since also what no decision or alert of that time used. Exit 1 for a wrong case, a
 * scenario that is not passed, an untried policy or a dangling name.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  coverageOf,
  parseCases,
  runCases,
  type CaseResult,
  type Coverage,
} from '../../../activities/policy/cases.js';
import type { SetFile } from '../../../activities/policy/cedar.js';
import { readFolder, readFolderAt } from '../../../activities/policy/set-files.js';
import type { LoadedSet } from '../../../activities/policy/set.js';
import { readUse, type Use } from '../../../activities/store/policy-use.js';
import { runbooks } from '../../../runbooks/index.js';
import { durationText } from '../../../workflows/domain/time.js';
import { projectFolder } from '../../engine/project-folder.js';
import { alertNamesIn } from './alert-rules.js';
import { print, type JsonOption } from '../command.js';
import { Ended, refused } from '../complaint.js';
import { withDb } from '../connections.js';
import type { Paint, Terminal } from '../terminal.js';
import { danglingIn, unusedIn, type Unused } from './decay.js';
import { loadedSet, said, servicesPathOf, type SetOption } from './the-set.js';

export interface TestOptions extends JsonOption, SetOption {
  /** Milliseconds. */
  readonly since?: number;
  /** A folder of cases that every set must pass. */
  readonly scenarios?: string;
  /** A file of alerting rules, or a folder of them. */
  readonly alerts?: string;
}

/** Those named; else those that lie where a repository of policies has them; else those that come along. */
function scenariosFor(path: string, { scenarios }: TestOptions): SetFile[] {
  const beside = join(dirname(dirname(path)), 'test', 'scenarios');
  const own = join(projectFolder(), 'test', 'scenarios');
  const folder = scenarios ?? (existsSync(beside) ? beside : own);
  const files = readFolderAt(folder, '.yaml');
  if (scenarios === undefined || files.length > 0) return files;
  throw refused(`${folder}: no scenarios lie there`, 'name a folder of .yaml files');
}

export async function testSet(terminal: Terminal, options: TestOptions): Promise<void> {
  const path = servicesPathOf(terminal, options);
  const set = loadedSet(path);
  const results = said(() =>
    runCases(readFolder(path, 'tests', '.yaml').flatMap(parseCases), set.ask),
  );
  if (results.length === 0) {
    throw refused(
      `${path}: no tests lie beside it`,
      'write some in the folder tests: docs/policies.md',
    );
  }
  const coverage = coverageOf(set.rules, results);
  const scenarios = said(() => runCases(scenariosFor(path, options).flatMap(parseCases), set.ask));
  const alerts =
    options.alerts === undefined ? null : said(() => alertNamesIn(options.alerts ?? ''));
  const dangling = danglingIn(set, runbooks, alerts);
  const unused = await unusedSince(terminal, options, set);
  const found = { results, scenarios, coverage, dangling, unused };
  print(terminal, options, {
    document: documentOf(found),
    lines: (paint) => linesOf(found, options, paint),
  });
  const untried = coverage.filter(isUntried);
  const wrong = [...results, ...scenarios].filter((result) => result.wrong !== null);
  if (wrong.length + untried.length + dangling.length > 0) throw new Ended(1);
}

async function unusedSince(
  terminal: Terminal,
  { since: sinceMs }: TestOptions,
  set: LoadedSet,
): Promise<Unused | null> {
  if (sinceMs === undefined) return null;
  const use: Use = await withDb(terminal, (db) => readUse(db, sinceMs));
  return unusedIn(set, runbooks, use);
}

interface Tested {
  readonly results: readonly CaseResult[];
  readonly scenarios: readonly CaseResult[];
  readonly coverage: readonly Coverage[];
  readonly dangling: readonly string[];
  readonly unused: Unused | null;
}

function isUntried({ decides, rests }: Coverage): boolean {
  return decides === null || rests === null;
}

function documentOf({ results, scenarios, coverage, dangling, unused }: Tested): object {
  return {
    cases: results.map(caseDocument),
    scenarios: scenarios.map(caseDocument),
    coverage,
    dangling,
    unused,
  };
}

function caseDocument({ case: one, decision, wrong }: CaseResult): object {
  const { level, by, heldBy } = decision;
  const { file, name, is, level: wanted } = one;
  return { file, name, is, wanted, level, by, heldBy, wrong };
}

function linesOf(tested: Tested, { since }: TestOptions, paint: Paint): string[] {
  const { results, scenarios, coverage, dangling, unused } = tested;
  const wrong = results.filter((result) => result.wrong !== null);
  const failed = scenarios.filter((result) => result.wrong !== null);
  const untried = coverage.filter(isUntried);
  const tried = coverage.length - untried.length;
  return [
    ...wrong.map(
      ({ case: one, wrong: why }) => `${paint('red', 'wrong')} ${one.file}, ${one.name}: ${why}`,
    ),
    `${results.length - wrong.length} of ${results.length} cases are as they say`,
    ...failed.map(
      ({ case: one, wrong: why }) => `${paint('red', 'harm')} ${one.file}, ${one.name}: ${why}`,
    ),
    `${scenarios.length - failed.length} of ${scenarios.length} scenarios are passed`,
    ...untried.map((one) => `${paint('red', 'untried')} ${one.policy}: ${untriedText(one)}`),
    `${tried} of ${coverage.length} policies decide in one case and rest in another`,
    ...dangling.map((line) => `${paint('red', 'dangling')} ${line}`),
    ...(unused === null ? [] : unusedLines(unused, durationText(since ?? 0), paint)),
  ];
}

function untriedText({ effect, decides }: Coverage): string {
  if (decides !== null) return 'it holds in every case';
  return effect === 'permit' ? 'no case is permitted by it' : 'no case is held by it';
}

function unusedLines(unused: Unused, within: string, paint: Paint): string[] {
  const lines: [string, readonly string[]][] = [
    ['policies that decided nothing', unused.policies],
    ['runbooks that never ran', unused.runbooks],
    ['services that no alert named', unused.services],
    ['alerts that runbooks handle and nobody sent', unused.alerts],
  ];
  return lines.map(([what, names]) => {
    const text = names.length === 0 ? paint('green', 'none') : paint('yellow', names.join(', '));
    return `within ${within}, ${what}: ${text}`;
  });
}
