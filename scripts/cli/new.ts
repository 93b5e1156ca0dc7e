/** `belay new runbook <name>`: writes a runbook, its test and its manual procedure, and lists it. Overwrites nothing. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { workflowTypeOf } from '../../workflows/runbook.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { listInCatalogue, listInWorkflows } from './new/listing.js';
import { manualText, runbookText, testText, type Naming } from './new/templates.js';
import type { Terminal } from './terminal.js';

interface NewOptions extends JsonOption {
  readonly alert?: string;
  readonly folder: string;
}

export function addNew(program: Command, terminal: Terminal): void {
  const family = program
    .command('new')
    .summary('Write something new')
    .description('Write something new');
  addCommand(family, {
    usage: 'runbook',
    says: 'Write a runbook, its test and its manual procedure',
  })
    .argument('<name>', 'kebab-case and stable for ever, such as drain-node')
    .option('--alert <alertname>', 'the alert it handles; else the name in PascalCase')
    .option('--folder <path>', 'the project', '.')
    .action((name: string, options: NewOptions) => {
      const naming = namingOf(name, options.alert);
      const project = projectAt(options.folder);
      const written = write(project, naming);
      const listed = list(project, naming);
      print(terminal, options, {
        document: { runbook: name, alertname: naming.alertname, written, listed },
        lines: (paint) => [
          ...written.map((file) => `${paint('green', 'wrote')}   ${file}`),
          ...listed.map((line) => `${paint('green', 'listed')}  ${line}`),
          `next: write its steps in ${written[0] ?? ''}, then npm test`,
        ],
      });
    });
}

function namingOf(name: string, alert: string | undefined): Naming {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw misused(`"${name}" is no runbook name`, 'use kebab-case, such as drain-node');
  }
  const type = workflowTypeOf(name);
  const pascal = type.charAt(0).toUpperCase() + type.slice(1);
  const alertname = alert ?? pascal;
  if (!/^[A-Za-z_][\w:.-]*$/.test(alertname)) {
    throw misused(
      `"${alertname}" is no alert name`,
      'give the alertname of a rule, such as NodeFull',
    );
  }
  return { name, variable: type, alertname };
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

/** The paths it wrote, relative to the project. */
function write(project: string, naming: Naming): string[] {
  const folder = join('runbooks', naming.name);
  if (existsSync(join(project, folder))) {
    throw refused(`${folder} is there already`, 'choose another name, or delete it first');
  }
  const files = {
    'index.ts': runbookText(naming),
    'README.md': manualText(naming),
    [`${naming.name}.test.ts`]: testText(naming),
  };
  mkdirSync(join(project, folder), { recursive: true });
  return Object.entries(files).map(([file, text]) => {
    const path = join(folder, file);
    writeFileSync(join(project, path), text, { flag: 'wx' });
    return path;
  });
}

/** A file that a person shaped differently is left alone: then the lines to add are said instead. */
function list(project: string, naming: Naming): string[] {
  const edits = [
    { file: 'runbooks/index.ts', edit: listInCatalogue },
    { file: 'workflows/index.ts', edit: listInWorkflows },
  ];
  return edits.map(({ file, edit }) => {
    const path = join(project, file);
    const { text, lines } = edit(readFileSync(path, 'utf8'), naming);
    if (text === undefined) return `add to ${file} yourself: ${lines.join('  ')}`;
    writeFileSync(path, text);
    return `in ${file}: ${lines.join('  ')}`;
  });
}
