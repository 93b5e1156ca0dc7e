/** The episode key: what makes work happen once. */
import { expect, test } from '@jest/globals';
import { ageMs, episodeOf, runIdOf, type Alert } from './alert.js';

const alert: Alert = {
  source: 'alertmanager',
  fingerprint: 'cf49160b50171440',
  name: 'ServiceDown',
  status: 'firing',
  severity: 'page',
  startsAt: '2025-11-21T01:03:41.628Z',
  endsAt: null,
  service: 'shop',
  environment: 'demo',
  labels: {},
  annotations: {},
  link: null,
};

test('one firing of one alert has one key, in whatever zone it is written', () => {
  expect(episodeOf(alert)).toBe('cf49160b50171440.1763687021628');
  const elsewhere = { ...alert, startsAt: '2025-11-21T02:03:41.628+01:00' };
  expect(episodeOf(elsewhere)).toBe(episodeOf(alert));
  expect(runIdOf('restart-service', alert)).toBe('restart-service.cf49160b50171440.1763687021628');
});

test('a new firing is a new episode', () => {
  const again = { ...alert, startsAt: '2025-11-21T01:03:41.629Z' };
  expect(episodeOf(again)).not.toBe(episodeOf(alert));
});

test('an alert that began at no instant has no episode', () => {
  expect(() => episodeOf({ ...alert, startsAt: 'now' })).toThrow('startsAt is no instant: now');
});

test('an alert from the future has no age, rather than a negative one', () => {
  const startedMs = 1763687021628;
  expect(ageMs(alert, startedMs + 5)).toBe(5);
  expect(ageMs(alert, startedMs - 5)).toBe(0);
});
