/** Routing: which runbook an alert goes to, and why not another. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Alert } from './alert.js';
import { route } from './routing.js';
import type { Matcher, Routable } from './routing.js';

function runbook(name: string, ...handles: Matcher[]): Routable {
  return { meta: { name, handles } };
}

function alert(name: string, labels: Record<string, string> = {}): Alert {
  return {
    source: 'alertmanager',
    fingerprint: 'cf49160b50171440',
    name,
    status: 'firing',
    severity: 'page',
    startsAt: '2026-11-21T01:03:41.628Z',
    endsAt: null,
    service: 'shop',
    environment: 'default',
    labels: { alertname: name, ...labels },
    annotations: {},
    link: null,
  };
}

const restart = runbook('restart-service', { alertname: 'ServiceDown' });
const tune = runbook('tune-retries', { alertname: 'RetryStorm', tier: 'edge' });

describe('routing', () => {
  test('an alert goes to the one runbook that handles it, and the others say why not', () => {
    const found = route([restart, tune], alert('ServiceDown'));
    expect(found.runbook).toBe('restart-service');
    expect(found.considered).toEqual([
      { runbook: 'restart-service', matches: true, why: 'handles alertname=ServiceDown' },
      {
        runbook: 'tune-retries',
        matches: false,
        why: 'alertname is ServiceDown, not RetryStorm',
      },
    ]);
  });

  test('all labels of one entry must be equal, any entry suffices', () => {
    const either = runbook('either', { alertname: 'A', zone: 'a' }, { alertname: 'B' });
    expect(route([either], alert('A')).runbook).toBeNull();
    expect(route([either], alert('A', { zone: 'b' })).considered[0]?.why).toContain('zone is b');
    expect(route([either], alert('A', { zone: 'a' })).runbook).toBe('either');
    expect(route([either], alert('B')).runbook).toBe('either');
  });

  test('of two that match none is taken and both are named, unless the label runbook decides', () => {
    const drain = runbook('drain-node', { alertname: 'ServiceDown' });
    const unclear = route([restart, drain], alert('ServiceDown'));
    expect(unclear.runbook).toBeNull();
    expect(unclear.why).toContain('restart-service, drain-node');
    const decided = route([restart, drain], alert('ServiceDown', { runbook: 'drain-node' }));
    expect(decided.runbook).toBe('drain-node');
  });

  test('a label runbook that names one which does not handle the alert is a contradiction', () => {
    const found = route([restart, tune], alert('ServiceDown', { runbook: 'tune-retries' }));
    expect(found.runbook).toBeNull();
    expect(found.why).toContain('tune-retries, which does not handle it');
  });

  test('a label runbook that names nothing of the catalogue decides nothing', () => {
    const url = 'https://wiki.example/shop';
    expect(route([restart], alert('ServiceDown', { runbook: url })).runbook).toBe(
      'restart-service',
    );
    expect(route([tune], alert('ServiceDown', { runbook: url })).runbook).toBeNull();
  });

  test('an entry without labels matches nothing, and inherited names are no labels', () => {
    expect(route([runbook('all', {})], alert('ServiceDown')).runbook).toBeNull();
    const odd = runbook('odd', { constructor: 'function Object() { [native code] }' });
    expect(route([odd], alert('ServiceDown')).runbook).toBeNull();
  });

  test('it never takes a runbook that does not match', () => {
    const word = fc.constantFrom('a', 'b', 'restart', 'tune');
    const matcher = fc.dictionary(fc.constantFrom('alertname', 'zone', 'runbook'), word);
    const catalogue = fc.uniqueArray(fc.record({ name: word, handles: fc.array(matcher) }), {
      selector: (meta) => meta.name,
    });
    fc.assert(
      fc.property(catalogue, word, fc.dictionary(word, word), (metas, name, labels) => {
        const found = route(
          metas.map((meta) => ({ meta })),
          alert(name, labels),
        );
        const matching = found.considered.filter((entry) => entry.matches);
        if (found.runbook === null) expect(matching.length).not.toBe(1);
        else expect(matching.map((entry) => entry.runbook)).toContain(found.runbook);
      }),
    );
  });
});
