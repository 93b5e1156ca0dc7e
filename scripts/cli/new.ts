/**
 * `belay new runbook [name]`: writes a runbook, its test, its story and its manual procedure, and lists it; from a name, or from an
 * alert that really came. Overwrites nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { runbooks } from '../../runbooks/index.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { sourceOption } from './match.js';
import { cautionsOf, keptOf, sampleOf } from './new/from-alert.js';
import { listInCatalogue, listInHarness, listInWorkflows } from './new/listing.js';
import { matcherFor, nameFrom, requireAlertname, requireName, type Naming } from './new/naming.js';
import { goldenText, storyText } from './new/story-templates.js';
import { manualText, runbookText, sampleFile, testText } from './new/templates.js';
import { inOrder } from './parse.js';
import { jsonLine, type Paint, type Terminal } from './terminal.js';

interface NewOptions extends JsonOption {
  readonly alert?: string;
  readonly fromAlert?: string;
  readonly source: string;
  readonly fingerprint?: string;
  readonly folder: string;
}

export function addNew(program: Command, terminal: Terminal): void {
  const family = program
    .command('new')
    .summary('Write something new')
    .description('Write something new');
  addCommand(family, {
    usage: 'runbook',
    says: 'Write a runbook, its test, its story and its manual procedure',
  })
    .argument(
      '[name]',
      'kebab-case and stable for ever, such as drain-node; else made of the alert',
    )
    .option('--alert <alertname>', 'the alert it handles; else the name in PascalCase')
    .option('--from-alert <file>', "for the alert in a sender's body, or a line of belay parse")
    .option(...sourceOption)
    .option('--fingerprint <text>', 'which alert, when the file holds several')
    .option('--folder <path>', 'the project', '.')
    .action(async (name: string | undefined, options: NewOptions) => {
      const naming = await namingOf(terminal, name, options);
      const project = projectAt(options.folder);
      const written = write(project, naming);
      const listed = list(project, naming);
      const { name: runbook, alertname, handles } = naming;
      print(terminal, options, {
        document: { runbook, alertname, handles, written, listed },
        lines: (paint) => linesOf(naming, { written, listed }, paint),
      });
    });
}

interface Done {
  readonly written: readonly string[];
  readonly listed: readonly string[];
}

function linesOf({ name, sample }: Naming, { written, listed }: Done, paint: Paint): string[] {
  return [
    ...written.map((file) => `${paint('green', 'wrote')}   ${file}`),
    ...listed.map((line) => `${paint('green', 'listed')}  ${line}`),
    ...(sample === null ? [] : cautionsOf(sample)).map((line) => paint('yellow', line)),
    `next: write its steps in runbooks/${name}/index.ts, then npm test`,
  ];
}

async function namingOf(
  terminal: Terminal,
  given: string | undefined,
  options: NewOptions,
): Promise<Naming> {
  const { fromAlert, alert } = options;
  if (fromAlert !== undefined && alert !== undefined) {
    throw misused('--alert and --from-alert exclude each other', 'give one of them');
  }
  if (fromAlert !== undefined) return namingFrom(terminal, fromAlert, { ...options, given });
  if (given === undefined) {
    throw misused('a runbook needs a name', 'give one, or an alert with --from-alert');
  }
  requireName(given);
  const variable = workflowTypeOf(given);
  const alertname = alert ?? variable.charAt(0).toUpperCase() + variable.slice(1);
  requireAlertname(alertname);
  const labels = { alertname };
  const handles = matcherFor({ name: alertname, labels }, others(given));
  return { name: given, variable, alertname, handles, sample: null };
}

async function namingFrom(
  terminal: Terminal,
  file: string,
  { given, source, fingerprint }: NewOptions & { readonly given: string | undefined },
): Promise<Naming> {
  if (given !== undefined) requireName(given);
  const sample = await sampleOf(terminal, { file, source, fingerprint });
  requireAlertname(sample.name);
  const name = given ?? nameFrom(sample.name);
  requireName(name);
  const handles = matcherFor(sample, others(name));
  return { name, variable: workflowTypeOf(name), alertname: sample.name, handles, sample };
}

/** The runbooks it must be told from. */
function others(name: string): typeof runbooks {
  return runbooks.filter(({ meta }) => meta.name !== name);
}

function projectAt(folder: string): string {
  const project = resolve(folder);
  const whole = ['runbooks/index.ts', 'workflows/index.ts'].every((file) =>
    existsSync(join(project, file)),
  );
  if (whole) return project;
  throw misused(
    `${project} is no project of Belay`,
    'go to the folder with runbooks/index.ts, or name it with --folder',
  );
}

/** The paths it wrote, relative to the project. Nothing is written when one of them is there already. */
function write(project: string, naming: Naming): string[] {
  const files = filesOf(naming);
  const there = [join('runbooks', naming.name), ...Object.keys(files)].find((file) =>
    existsSync(join(project, file)),
  );
  if (there !== undefined) {
    throw refused(`${there} is there already`, 'choose another name, or delete it first');
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, file)), { recursive: true });
    writeFileSync(join(project, file), text, { flag: 'wx' });
  }
  return Object.keys(files);
}

function filesOf(naming: Naming): Record<string, string> {
  const { name, sample } = naming;
  const own = (file: string): string => join('runbooks', name, file);
  const story = (ending: string): string => join('test', 'stories', `${name}${ending}`);
  const kept = sample === null ? {} : { [own(sampleFile)]: lineOf(sample) };
  return {
    [own('index.ts')]: runbookText(naming),
    [own('README.md')]: manualText(naming),
    [own(`${name}.test.ts`)]: testText(naming),
    ...kept,
    [story('.story.ts')]: storyText(naming),
    [story('.golden.txt')]: goldenText(naming),
  };
}

function lineOf(sample: NonNullable<Naming['sample']>): string {
  return `${jsonLine(inOrder(keptOf(sample)))}\n`;
}

/** A file that a person shaped differently is left alone: then the lines to add are said instead. */
function list(project: string, naming: Naming): string[] {
  const edits = [
    { file: 'runbooks/index.ts', edit: listInCatalogue },
    { file: 'workflows/index.ts', edit: listInWorkflows },
    { file: 'test/unwind/harness.ts', edit: listInHarness },
  ];
  return edits.map(({ file, edit }) => {
    const path = join(project, file);
    const { text, lines } = edit(existsSync(path) ? readFileSync(path, 'utf8') : '', naming);
    if (text === undefined) return `add to ${file} yourself: ${lines.join('  ')}`;
    writeFileSync(path, text);
    return `in ${file}: ${lines.join('  ')}`;
  });
}
