/** docs/senders.md says what is so: a section for each source, settings that exist, templates as the code reads them. */
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { payloadTemplate } from '../../activities/senders/datadog.js';
import { senders } from '../../activities/senders/index.js';
import { jsonBounds } from '../../activities/senders/json-scan.js';
import { readOwn } from '../../activities/senders/own-alert.js';
import { zabbixParameters } from '../../activities/senders/zabbix.js';
import { kindsOf } from '../../workers/intake/doors.js';
import { refusalReasons } from '../../workers/intake/refusal.js';
import { settingOf } from '../../workers/secrets.js';

const page = readFileSync('docs/senders.md', 'utf8');

function sectionOf(source: string): string {
  const [, text = ''] = new RegExp(`^## ${source}$([^]*?)(?=^## |$(?![^]))`, 'm').exec(page) ?? [];
  return text;
}

function jsonIn(source: string): unknown {
  return JSON.parse(/```json([^]*?)```/.exec(sectionOf(source))?.[1] ?? 'null');
}

test('there is a section for each source, in their order', () => {
  const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(senders.map(({ source }) => source));
});

test.each(senders)('$source: names its settings and no other', ({ source }) => {
  const text = sectionOf(source);
  const [secrets = ''] = /\*\*Secrets\*\*[^]*?(?=\n- )/.exec(text) ?? [];
  const prefix = settingOf(source, 'tokens').replace(/TOKENS$/, '');
  const named = [
    ...secrets.matchAll(
      /`(?:BELAY_[A-Z_]+?)?_(TOKENS|BASIC|SECRETS|TOPICS|CLIENTS|APPLICATIONS)`/g,
    ),
  ];
  expect(secrets).toContain(prefix);
  expect(new Set(named.map(([, kind]) => kind?.toLowerCase()))).toEqual(new Set(kindsOf(source)));
  for (const part of ['At the sender', 'Episode', 'Cannot']) expect(text).toContain(`**${part}**`);
});

test('the templates are those of the code', () => {
  expect(jsonIn('datadog')).toEqual(payloadTemplate);
  const rows = [...sectionOf('zabbix').matchAll(/^ +\| `(\w+)` +\| `(.+?)` +\|$/gm)];
  const given = Object.fromEntries(rows.map(([, name, value]) => [name, value]));
  expect(given).toEqual(zabbixParameters);
});

test('the alert of its example is one', () => {
  const read = readOwn(jsonIn('cloudevents'), { source: 'cloudevents', status: 'firing' });
  expect(read.alert).toMatchObject({ name: 'CheckoutSlow', service: 'checkout' });
});

test('its numbers are those of the code', () => {
  expect(page).toContain(`nesting beyond ${jsonBounds.depthMax}`);
  expect(page.replaceAll(',', '')).toContain(`more than ${jsonBounds.namesMax} names`);
  expect(page).toContain(`| ${refusalReasons.unparsed}    |`);
});
