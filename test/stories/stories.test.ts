/** Every story in the simulator: it keeps the laws, meets its expectations, and reads as its golden transcript. */
import { describe, expect, test } from '@jest/globals';
import { agreesOrIsWritten } from '../support/story/golden.js';
import { playInSimulator } from '../support/story/in-simulator.js';
import { allStories } from '../support/story/shelf.js';
import { brokenLaws, unmet } from '../support/story/told.js';
import { transcriptOf } from '../support/story/transcript.js';

const stories = await allStories();

describe('a story', () => {
  test.each(stories.map((story) => [story.name, story.says, story] as const))(
    '%s: %s',
    async (_name, _says, story) => {
      const told = await playInSimulator(story);
      expect(brokenLaws(told)).toEqual([]);
      await agreesOrIsWritten(story.name, transcriptOf(story, told));
      expect(unmet(story, told)).toEqual([]);
    },
  );

  test('is told the same way every time', async () => {
    for (const story of stories.slice(0, 3)) {
      const once = transcriptOf(story, await playInSimulator(story));
      expect(transcriptOf(story, await playInSimulator(story))).toBe(once);
    }
  });
});
