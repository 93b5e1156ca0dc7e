/** `belay maturity`: how far each class of action is on each service, and what binds it. Changes nothing. */
import type { Command } from 'commander';
import { latestDrills } from '../../activities/store/trust/drills.js';
import { listRecords } from '../../activities/store/trust/record.js';
import { levelName } from '../../workflows/domain/level.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { withDb } from './connections.js';
import { addAssess } from './maturity/assess.js';
import { ladderOf, type Rung } from './maturity/ladder.js';
import { permittedIn } from './maturity/permitted.js';
import { compiledSet, servicesPathOf } from './policy/the-set.js';
import type { Paint, Terminal } from './terminal.js';
import { folderOf, folderOption, rulesIn, type FolderOption } from './trust/folder.js';

interface MaturityOptions extends JsonOption, FolderOption {
  readonly service?: string;
}

export function addMaturity(program: Command, terminal: Terminal): void {
  const maturity = addCommand(program, {
    usage: 'maturity',
    says: 'Show the level of each class and service, what the next needs, and what binds it',
  })
    .argument('[class]', 'of action')
    .option('--service <name>', 'only this one')
    .option(...folderOption)
    .action((actionClass: string | undefined, options: MaturityOptions) =>
      show(terminal, actionClass, options),
    );
  addAssess(maturity, terminal);
}

async function show(
  terminal: Terminal,
  actionClass: string | undefined,
  options: MaturityOptions,
): Promise<void> {
  const rules = rulesIn(folderOf(terminal, options));
  const wanted = permittedIn(compiledSet(servicesPathOf(terminal, {}))).filter((one) => {
    const named = options.service === undefined || one.service === options.service;
    return named && (actionClass === undefined || one.actionClass === actionClass);
  });
  const rungs = await withDb(terminal, async (db) => {
    const [records, drills] = await Promise.all([listRecords(db), latestDrills(db)]);
    return ladderOf(wanted, { records, drills, rules, nowMs: Date.now() });
  });
  print(terminal, options, {
    document: { rungs },
    lines: (paint) => rungs.flatMap((rung) => rungLines(rung, paint)),
  });
}

function rungLines(rung: Rung, paint: Paint): string[] {
  const { actionClass, service, tier, environment, present, next, binding } = rung;
  const state = rung.prerequisites.map(({ name, met, says }) => [
    `    ${met ? paint('green', 'yes') : paint('yellow', 'no ')}`,
    name,
    says,
  ]);
  return [
    `${paint('bold', `${actionClass} on ${service}`)} (${tier}, ${environment}): level ${present}, ${levelName[present]}`,
    next === null ? '  nothing above it' : paint('dim', `  level ${next} needs`),
    ...columns(state),
    ...(binding === null ? [] : [`  ${paint('cyan', 'binding')}  ${binding}`]),
    '',
  ];
}
