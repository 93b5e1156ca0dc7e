/** Which commands the runs of a story give, by run, as Temporal would write them into their histories. Gathers only. */

/** `cut off`: the script could not be played on, so that nobody knows what the runs would have given next. */
export type StoryEnd = 'every run ends' | 'a run does not end' | 'cut off';

export interface Commands {
  readonly runs: readonly (readonly string[])[];
  /** What each run asked and told the store, by run: what runs after it are answered may rest on that. */
  readonly told: readonly string[];
  readonly end: StoryEnd;
}

/** By the story's name. */
export type CommandsByStory = Readonly<Record<string, Commands>>;

/** More than any story has: a run that gives more is taken to go on for ever, and stops where it is. */
const commandsMax = 1500;

export interface RunLog {
  readonly give: (command: string) => void;
  readonly tell: (text: string) => void;
}

export class CommandLog {
  readonly runs: string[][] = [];
  readonly told: string[] = [];

  /** The log of a run that begins. */
  open(): RunLog {
    const run: string[] = [];
    this.runs.push(run);
    const place = this.told.push('') - 1;
    return {
      give: (command) => {
        if (run.length <= commandsMax) run.push(command);
      },
      tell: (text) => {
        this.told[place] += text;
      },
    };
  }

  /** Whether a run has given more than any ever should. */
  overrun(): boolean {
    return this.runs.some((run) => run.length > commandsMax);
  }

  clear(): void {
    this.runs.length = 0;
    this.told.length = 0;
  }
}

/** Of the story that is played now. */
export const log = new CommandLog();
