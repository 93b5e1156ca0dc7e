/** Plays every story and tells which commands its runs gave; judges nothing. Built anew for each set of mutants. */
import { createHash } from 'node:crypto';
import { playInSimulator } from '../../support/story/in-simulator.js';
import { allStories } from '../../support/story/shelf.js';
import { log, type Commands, type CommandsByStory, type StoryEnd } from './commands.js';

/** A story that ends in an error is told as far as it came. */
export async function playAll(): Promise<CommandsByStory> {
  const told: Record<string, Commands> = {};
  for (const story of await allStories()) {
    log.clear();
    Object.assign(globalThis, { __belayTurns: 0 });
    const end = await playInSimulator(story).then(() => 'every run ends' as const, endOf);
    told[story.name] = { runs: log.runs.map((run) => [...run]), told: log.told.map(digest), end };
  }
  return told;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A person of a script answers a plan that stands in the ledger: without one the script cannot go on. */
function endOf(thrown: unknown): StoryEnd {
  const scriptErrs = /^(the run has proposed nothing yet|no run \d+ has begun)$/;
  return scriptErrs.test(thrown instanceof Error ? thrown.message : '')
    ? 'cut off'
    : 'a run does not end';
}
