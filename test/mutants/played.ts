/** Plays the stories on mutants in a process of its own, and says whose commands changed. Ends and replaces it when it hangs. */
import { fork, type ChildProcess } from 'node:child_process';
import { pathOf } from '../support/story/bundles.js';
import type { Commands, CommandsByStory } from './play/commands.js';

/** Far more than all stories take. */
const hangsAfterMs = 30_000;
/** Each mutant loads the stories anew, and what was loaded stays. */
const loadsMax = 150;

interface Answer {
  readonly mutant: number;
  readonly commands?: CommandsByStory;
  readonly broken?: string;
}

/** `hangs` and `broken` are changes too: then no story can be told. */
export type Played = CommandsByStory | 'hangs' | 'broken';

export class Player {
  private child: ChildProcess | undefined;
  private loads = 0;
  /** Why the last play was broken. */
  why = '';

  constructor(private readonly bundle: string) {}

  async play(mutant: number): Promise<Played> {
    const child = this.process();
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), hangsAfterMs);
      const end = (told: Answer | undefined): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(told);
      };
      child.once('message', (told) => end(told as Answer));
      child.once('exit', () => end(undefined));
      child.send({ mutant });
    });
    if (answer === undefined) this.stop();
    this.why = answer?.broken ?? '';
    return answer === undefined ? 'hangs' : (answer.commands ?? 'broken');
  }

  stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private process(): ChildProcess {
    if (this.loads >= loadsMax) this.stop();
    if (this.child !== undefined) {
      this.loads += 1;
      return this.child;
    }
    const program = pathOf('test/mutants/play/program.mjs');
    this.child = fork(program, [this.bundle], { execArgv: ['--no-warnings'], stdio: 'inherit' });
    this.loads = 1;
    return this.child;
  }
}

/** The runs whose commands differ, named as their histories are. */
export function changedRuns(original: CommandsByStory, mutated: CommandsByStory): string[] {
  return Object.entries(original).flatMap(([story, told]) => {
    const now = mutated[story];
    if (now === undefined) return [story];
    return changedOf(told, now).map((place) => {
      return told.runs.length === 1 ? story : `${story}.${place + 1}`;
    });
  });
}

/** Places of runs. Of a story that was cut off only what was given until then counts. */
function changedOf(told: Commands, now: Commands): number[] {
  const cutOff = now.end === 'cut off';
  const places = [...told.runs.keys()];
  const changed = places.filter((place) => {
    if (!sawTheSame(told, now, place)) return false;
    const after = now.runs[place] ?? [];
    const before = told.runs[place] ?? [];
    return !same(after, cutOff ? before.slice(0, after.length) : before);
  });
  return changed.length === 0 && !cutOff && now.end !== told.end ? places : changed;
}

/**
 * A run that comes after another one of its story is answered by a store that knows what that one said. Where it said something
 * else, this run's commands follow from other answers and not from other code, which no replay of its own history could notice.
 */
function sawTheSame(told: Commands, now: Commands, place: number): boolean {
  return told.told.slice(0, place).every((text, before) => text === now.told[before]);
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((command, place) => command === other[place]);
}
