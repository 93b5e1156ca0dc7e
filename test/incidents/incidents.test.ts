/**
 * Every incident twice: with its guard the harm does not happen and the record says why; with exactly that guard off it
 * happens, which proves that the scenario is real and that the guard is what prevents it.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { brokenLaws, unmet } from '../support/story/told.js';
import { endsOf } from './aftermath.js';
import { isAnswered, playGuarded, playUnguarded } from './played.js';
import { allIncidents } from './shelf.js';
import { goldenTable, tableOf, type Row } from './table.js';

const incidents = await allIncidents();
const rows: Row[] = [];

describe.each(incidents.map((incident) => [incident.name, incident] as const))(
  '%s',
  (name, told) => {
    test(`with its guard there is no harm: ${told.guard}`, async () => {
      const left = await playGuarded(told);
      expect(told.harm(left)).toBeUndefined();
      expect(unmet(told.story, left.told)).toEqual([]);
      expect(brokenLaws(left.told)).toEqual([]);
      expect(isAnswered(left, told.answer)).toBe(true);
    });

    test('without its guard the harm happens, and only then', async () => {
      const [guarded, unguarded] = [await playGuarded(told), await playUnguarded(told)];
      const harm = told.harm(unguarded);
      expect(harm).toBeDefined();
      const without = `${told.without().name}: ${harm ?? ''}`;
      const { incident, guard } = told;
      rows.push({ name, incident, guard, withGuard: endsOf(guarded), without });
    });

    if (told.answer.reason !== undefined) {
      test(`says ${told.answer.reason} because of its guard, and not otherwise`, async () => {
        expect(isAnswered(await playUnguarded(told), told.answer)).toBe(false);
      });
    }
  },
);

describe('the table of incidents', () => {
  test('reads as a person last agreed to it', () => {
    const table = tableOf(rows);
    expect(table.split('\n')).toEqual(goldenTable(table).split('\n'));
  });
});

afterAll(() => {
  process.stdout.write(`\n${tableOf(rows)}\n`);
});
