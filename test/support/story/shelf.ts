/** Finds every story by its file: one default export each, named as its file is. Plays none. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Story } from './story.js';

export const storiesFolder = fileURLToPath(new URL('../../stories/', import.meta.url));
const ending = '.story.ts';

/** In the order of their names. Throws for a story that is not named as its file. */
export async function allStories(): Promise<Story[]> {
  const names = readdirSync(storiesFolder)
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));
  const stories: Story[] = [];
  for (const name of names.toSorted()) stories.push(await storyNamed(name));
  return stories;
}

async function storyNamed(name: string): Promise<Story> {
  const { default: story } = (await import(join(storiesFolder, name + ending))) as {
    default: Story;
  };
  if (story.name !== name) throw new RangeError(`${name}${ending} tells "${story.name}"`);
  return story;
}
