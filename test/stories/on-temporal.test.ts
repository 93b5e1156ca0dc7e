/** Every story again, unchanged, on Temporal's time-skipping server: it must read exactly as in the simulator. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testServerAbsence } from '../../scripts/servers/test-server.js';
import { agreesWithGolden } from '../support/story/golden.js';
import { recordHistories } from '../support/story/histories.js';
import { openTheatre, type Theatre } from '../support/story/on-temporal.js';
import { allStories } from '../support/story/shelf.js';
import { brokenLaws, unmet } from '../support/story/told.js';
import { transcriptOf } from '../support/story/transcript.js';

const stories = await allStories();
const absence = testServerAbsence();

if (absence === undefined) {
  describe('a story on Temporal', () => {
    let theatre: Theatre;
    beforeAll(async () => {
      theatre = await openTheatre();
    }, 120_000);
    afterAll(() => theatre.stop(), 30_000);

    test.each(stories.map((story) => [story.name, story.says, story] as const))(
      '%s: %s',
      async (_name, _says, story) => {
        const told = await theatre.play(story);
        expect(brokenLaws(told)).toEqual([]);
        await recordHistories(theatre.client, { story: story.name, reports: told.reports });
        await agreesWithGolden(story.name, transcriptOf(story, told));
        expect(unmet(story, told)).toEqual([]);
      },
    );
  });
} else {
  describe('without a time-skipping server', () => {
    test.each(stories.map(({ name }) => [name, absence] as const))('skipped: %s: %s', (name) => {
      process.stdout.write(`skipped: ${name} on Temporal: ${absence}\n`);
    });
  });
}
