/** `belay maturity assess`: the practical questions per runbook and the layers beneath, and which of them is the ceiling. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { latestDrills } from '../../../activities/store/trust/drills.js';
import { measureLayers, measureRunbooks } from '../../../activities/store/trust/measured.js';
import { runbooks } from '../../../runbooks/index.js';
import { projectFolder } from '../../engine/project-folder.js';
import { columns } from '../columns.js';
import { addCommand, print, type JsonOption } from '../command.js';
import { withDb } from '../connections.js';
import { compiledSet, servicesPathOf } from '../policy/the-set.js';
import type { Paint, Terminal } from '../terminal.js';
import { readYaml } from '../yaml-file.js';
import { answersSchema } from './answers.js';
import { rateLayers } from './layers.js';
import { rateRunbook, weakest, type Looked, type Rating } from './ratings.js';

interface AssessOptions extends JsonOption {
  readonly answers?: string;
}

export function addAssess(maturity: Command, terminal: Terminal): void {
  addCommand(maturity, {
    usage: 'assess',
    says: 'Rate each runbook and the layers beneath, and name the ceiling',
  })
    .option('--answers <file>', 'what people answer; policies/maturity.yaml unless given')
    .action((options: AssessOptions) => assess(terminal, options));
}

async function assess(terminal: Terminal, options: AssessOptions): Promise<void> {
  const looked = await look(terminal, options.answers ?? join('policies', 'maturity.yaml'));
  const rated = runbooks.map(({ meta: { name } }) => {
    const ratings = rateRunbook(name, looked);
    return { runbook: name, ratings, ceiling: weakest(ratings) };
  });
  const layers = rateLayers(looked);
  const ceiling = weakest(layers);
  print(terminal, options, {
    document: { runbooks: rated, layers, ceiling },
    lines: (paint) => [
      ...rated.flatMap(({ runbook, ratings }) => block(runbook, ratings, paint)),
      ...block('the layers beneath', layers, paint),
      `${paint('cyan', 'ceiling')}  ${ceiling?.name ?? ''}: ${ceiling?.says ?? ''}`,
      paint('dim', `answers of people: reviewed ${looked.answers.reviewed}`),
    ],
  });
}

async function look(terminal: Terminal, answersFile: string): Promise<Looked> {
  const answers = readYaml(answersFile, answersSchema);
  const { table } = compiledSet(servicesPathOf(terminal, {}));
  return withDb(terminal, async (db) => {
    const [drills, measured, layers] = await Promise.all([
      latestDrills(db),
      measureRunbooks(db),
      measureLayers(db),
    ]);
    const services = Object.keys(table.services);
    return {
      answers,
      drills,
      measured,
      layers,
      services,
      tested: testedRunbooks(),
      nowMs: Date.now(),
    };
  });
}

/** Named by a story of the repository; none where there is no repository. */
function testedRunbooks(): string[] {
  const folder = join(projectFolder(), 'test', 'stories');
  if (!existsSync(folder)) return [];
  const stories = readdirSync(folder)
    .filter((name) => name.endsWith('.story.ts') || name.endsWith('.golden.txt'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  return runbooks.map(({ meta }) => meta.name).filter((name) => stories.includes(name));
}

const words = ['no', 'partly', 'yes'] as const;

function block(title: string, ratings: readonly Rating[], paint: Paint): string[] {
  const rows = ratings.map(({ name, rate, by, says }) => {
    const word = words[rate >= 1 ? 2 : rate > 0 ? 1 : 0];
    const colour = word === 'yes' ? 'green' : word === 'no' ? 'red' : 'yellow';
    return [`  ${name}`, paint(colour, word), paint('dim', by), says];
  });
  return [paint('bold', title), ...columns(rows), ''];
}
