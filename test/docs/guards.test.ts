/** docs/guards.md shows rules that the real parsers take, every guard there is, and the defaults as they are. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { parseCalendar } from '../../activities/guards/calendar.js';
import { fleetSchema } from '../../activities/guards/fleet.js';
import { defaultRules, rulesSchema } from '../../activities/guards/rules.js';
import { parseYaml } from '../../activities/guards/yaml.js';
import { gates } from '../../workflows/gates/index.js';

const page = readFileSync('docs/guards.md', 'utf8');
const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
const isFleet = (text: string): boolean => text.startsWith('# fleet.yaml');

test.each(blocks.map((text) => [text.split('\n')[0] ?? '', text] as const))(
  'the example %s is one',
  (_, text) => {
    const read = isFleet(text)
      ? parseYaml(`${text}version: 1\n`, 'docs/guards.md', fleetSchema)
      : parseYaml(`${text}version: 1\n`, 'docs/guards.md', rulesSchema);
    expect(read.version).toBe(1);
  },
);

test('every rule has an example, and those that hold by themselves are as the file in policies says', () => {
  const shown = blocks.filter((text) => !isFleet(text)).join('');
  for (const rule of Object.keys(defaultRules).filter((name) => name !== 'version'))
    expect(shown).toMatch(new RegExp(`^${rule}:`, 'm'));
  const shipped = readFileSync('policies/guards.yaml', 'utf8');
  expect(parseYaml(shipped, 'policies/guards.yaml', rulesSchema)).toEqual(defaultRules);
});

test('the calendar is one', () => {
  const [, text = ''] = /```\n(BEGIN:VCALENDAR[\s\S]*?)```/.exec(page) ?? [];
  const calendar = parseCalendar(text, 'docs/guards.md', { timeZone: 'UTC' });
  expect(calendar.at(Date.parse('2026-03-31T12:00:00Z'))).toMatchObject([{ kind: 'freeze' }]);
  expect(calendar.at(Date.parse('2026-01-09T23:00:00Z'))).toMatchObject([
    { kind: 'no-automation' },
  ]);
});

test('the table has the reason of every gate that is a guard', () => {
  const names = gates.map(({ name }) => name);
  const guards = gates.slice(names.indexOf('quarantined'), names.indexOf('breaker') + 1);
  expect(guards.length).toBeGreaterThan(9);
  for (const { reason } of guards.filter(({ name }) => name !== 'lease'))
    expect(page).toContain(`\`${reason}\``);
});
