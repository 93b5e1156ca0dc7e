/** A Dockerfile as stages of instructions; knows the few forms ours uses and throws at any other. */

export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

export interface Stage {
  readonly name: string;
  /** An image, or the name of a stage before it. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

const words = ['FROM', 'WORKDIR', 'ENV', 'COPY', 'RUN', 'USER', 'EXPOSE', 'HEALTHCHECK', 'CMD'];

export function parseDockerfile(text: string): Stage[] {
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const { word, rest } of instructionsOf(text)) {
    if (!words.includes(word)) throw new Error(`unknown instruction ${word} ${rest}`);
    if (word !== 'FROM') {
      if (stages.length === 0) throw new Error(`${word} stands before the first FROM`);
      stages.at(-1)?.instructions.push({ word, rest });
      continue;
    }
    const [, from = '', name = ''] = /^(\S+) AS ([a-z]+)$/.exec(rest) ?? [];
    if (name === '') throw new Error(`FROM ${rest} gives its stage no name`);
    stages.push({ name, from, instructions: [] });
  }
  return stages;
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'));
  const joined = lines.join('\n').replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [word = ''] = line.split(' ', 1);
      return { word, rest: line.slice(word.length).trim() };
    });
}

export interface Copy {
  /** The stage it comes from; undefined: from the project. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copiesOf({ instructions }: Stage): Copy[] {
  return instructions
    .filter(({ word }) => word === 'COPY')
    .map(({ rest }) => {
      const parts = rest.split(/\s+/);
      const flag = parts.find((part) => part.startsWith('--from='));
      const paths = parts.filter((part) => !part.startsWith('--'));
      const target = paths.at(-1) ?? '';
      return { from: flag?.slice('--from='.length), sources: paths.slice(0, -1), target };
    });
}

/** The last one of a kind, which is the one that counts. */
export function lastOf(stage: Stage, word: string): string | undefined {
  return stage.instructions.findLast((instruction) => instruction.word === word)?.rest;
}
