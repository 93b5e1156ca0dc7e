/** Flaws of a catalogue: two runbooks for one alert, entries no alert can reach, and that a catalogue without them is clear. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Alert } from './alert.js';
import { flawsOf, flawText, overlaps } from './routing-flaw.js';
import { route } from './routing.js';
import type { Matcher, Routable } from './routing.js';

function runbook(name: string, ...handles: Matcher[]): Routable {
  return { meta: { name, handles } };
}

/** An alert with these labels and no others. */
function alertWith(labels: Matcher): Alert {
  return {
    source: 'alertmanager',
    fingerprint: 'cf49160b50171440',
    name: labels['alertname'] ?? 'AnyName',
    status: 'firing',
    severity: 'page',
    startsAt: '2026-11-21T01:03:41.628Z',
    endsAt: null,
    service: 'shop',
    environment: 'default',
    labels,
    annotations: {},
    link: null,
  };
}

const restart = runbook('restart-service', { alertname: 'ServiceDown' });
const tune = runbook('tune-retries', { alertname: 'RetryStorm', tier: 'edge' });

describe('overlaps', () => {
  test('two runbooks overlap when one alert could match both', () => {
    const zoned = runbook('restart-zone', { alertname: 'ServiceDown', zone: 'a' });
    expect(overlaps([restart, tune, zoned])).toEqual([
      {
        kind: 'overlap',
        runbooks: ['restart-service', 'restart-zone'],
        labels: { alertname: 'ServiceDown', zone: 'a' },
      },
    ]);
    expect(overlaps([restart, tune])).toEqual([]);
  });

  test('labels that no entry shares overlap too, and the example has a name', () => {
    const [found] = overlaps([
      runbook('by-zone', { zone: 'a' }),
      runbook('by-tier', { tier: 'x' }),
    ]);
    expect(found?.labels).toEqual({ alertname: 'AnyName', zone: 'a', tier: 'x' });
  });

  test('an entry that names its own runbook by the label runbook is told apart by it', () => {
    const drain = runbook('drain-node', { alertname: 'ServiceDown', runbook: 'drain-node' });
    expect(flawsOf([restart, drain])).toEqual([]);
    const url = runbook('drain-node', { alertname: 'ServiceDown', runbook: 'https://wiki' });
    expect(flawsOf([restart, url])).toHaveLength(1);
  });

  test('the sentence names both, an alert that both take, and the fix', () => {
    const zoned = runbook('restart-zone', { alertname: 'ServiceDown', zone: 'a' });
    expect(flawsOf([restart, zoned]).map(flawText)).toEqual([
      expect.stringMatching(
        /^restart-service and restart-zone both take .*\{"alertname":"ServiceDown","zone":"a"\}: give/,
      ),
    ]);
  });
});

describe('an entry is unreachable', () => {
  test.each<[string, Matcher[], RegExp]>([
    ['when it is empty', [{}], /without labels/],
    ['when it asks for an alert without a name', [{ alertname: '' }], /every alert has a name/],
    [
      'when it names another runbook',
      [{ alertname: 'A', runbook: 'restart-service' }],
      /gives such alerts to restart-service/,
    ],
    ['when a wider one is there', [{ alertname: 'A', zone: 'a' }, { alertname: 'A' }], /takes all/],
    ['when it is there twice', [{ alertname: 'A' }, { alertname: 'A' }], /takes all/],
  ])('%s', (_, handles, why) => {
    const texts = flawsOf([restart, runbook('odd', ...handles)]).map(flawText);
    expect(texts).toEqual([expect.stringMatching(why)]);
    expect(texts[0]).toContain('of odd');
  });

  test('and two runbooks of one name are no catalogue', () => {
    const flaws = flawsOf([restart, runbook('restart-service', { alertname: 'Other' })]);
    expect(flaws.map(flawText)).toEqual(['two runbooks are named restart-service: rename one']);
  });
});

const word = fc.constantFrom('a', 'b', 'c');
const matcher = fc.dictionary(fc.constantFrom('alertname', 'zone', 'runbook'), word);
const catalogues = fc
  .uniqueArray(fc.record({ name: word, handles: fc.array(matcher, { maxLength: 3 }) }), {
    selector: ({ name }) => name,
  })
  .map((metas) => metas.map((meta): Routable => ({ meta })));

describe('any catalogue', () => {
  test('without flaws never leaves an alert between two runbooks, and every entry gets its alerts', () => {
    fc.assert(
      fc.property(catalogues, matcher, (catalogue, labels) => {
        fc.pre(flawsOf(catalogue).length === 0);
        expect(route(catalogue, alertWith(labels)).why).not.toContain('several runbooks');
        for (const { meta } of catalogue) {
          for (const entry of meta.handles) {
            expect(route(catalogue, alertWith(entry)).runbook).toBe(meta.name);
          }
        }
      }),
    );
  });

  test('with an overlap has an alert that is really taken by neither', () => {
    fc.assert(
      fc.property(catalogues, (catalogue) => {
        for (const { labels, runbooks } of overlaps(catalogue)) {
          const found = route(catalogue, alertWith(labels));
          const matching = found.considered.filter(({ matches }) => matches);
          expect(matching.map(({ runbook: name }) => name)).toEqual(
            expect.arrayContaining([...runbooks]),
          );
          expect(found.runbook).toBeNull();
        }
      }),
    );
  });
});
