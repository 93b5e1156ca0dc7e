/** The settings of asking monitors: what is asked with them, and what each wrong one says. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { pullSourcesOf } from '../../workers/intake/pull/index.js';
import { readPullSettings } from '../../workers/intake/pull/settings.js';
import { SettingsError } from '../../workers/settings.js';
import { temporaryFolder } from '../support/intake.js';

const folder = temporaryFolder('pull-settings');
afterAll(() => folder.remove());

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    readPullSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings of asking monitors', () => {
  test('nothing set asks nobody', () => {
    const settings = readPullSettings({ BELAY_GRAFANA_TOKENS: 'of-the-webhook' });
    expect(settings).toEqual({
      intervalMs: 60_000,
      alertmanager: null,
      grafana: null,
      pagerduty: null,
    });
    expect(pullSourcesOf(settings)).toEqual([]);
  });

  test('each monitor is asked that is named', () => {
    const file = `${folder.path}/token`;
    writeFileSync(file, 'from-a-file\n');
    const settings = readPullSettings({
      BELAY_ALERTMANAGER_URL: 'http://127.0.0.1:9093, http://127.0.0.1:9094/am/',
      BELAY_GRAFANA_URL: 'https://grafana.example.com',
      BELAY_GRAFANA_API_TOKEN_FILE: file,
      BELAY_GRAFANA_RECEIVER: 'to belay',
      BELAY_PAGERDUTY_API_TOKEN: 'u+abc',
      BELAY_PAGERDUTY_SERVICES: 'PA,PB',
      BELAY_PULL_INTERVAL_SECONDS: '30',
    });
    expect(settings).toEqual({
      intervalMs: 30_000,
      alertmanager: {
        urls: ['http://127.0.0.1:9093', 'http://127.0.0.1:9094/am/'],
        receiver: 'belay',
        token: null,
      },
      grafana: { url: 'https://grafana.example.com', token: 'from-a-file', receiver: 'to belay' },
      pagerduty: { url: 'https://api.pagerduty.com', token: 'u+abc', services: ['PA', 'PB'] },
    });
    const sources = pullSourcesOf(settings).map(({ source }) => source);
    expect(sources).toEqual(['alertmanager', 'grafana', 'pagerduty']);
  });

  test.each([
    [{ BELAY_ALERTMANAGER_URL: 'ftp://h' }, /^BELAY_ALERTMANAGER_URL is not usable/],
    [{ BELAY_ALERTMANAGER_URL: 'http://me:secret@h' }, /^BELAY_ALERTMANAGER_URL is not usable/],
    [{ BELAY_ALERTMANAGER_API_TOKEN: 'secret' }, /^BELAY_ALERTMANAGER_URL is not set/],
    [{ BELAY_GRAFANA_URL: 'https://h' }, /^BELAY_GRAFANA_API_TOKEN is not set/],
    [{ BELAY_GRAFANA_API_TOKEN: 'secret' }, /^BELAY_GRAFANA_URL is not set/],
    [{ BELAY_PAGERDUTY_SERVICES: 'PA' }, /^BELAY_PAGERDUTY_API_TOKEN is not set/],
    [{ BELAY_PAGERDUTY_API_TOKEN: 'a secret' }, /^BELAY_PAGERDUTY_API_TOKEN is not usable/],
    [
      { BELAY_PAGERDUTY_API_TOKEN_FILE: '/nowhere' },
      /_TOKEN_FILE names a file that cannot be read/,
    ],
    [{ BELAY_PULL_INTERVAL_SECONDS: '5' }, /^BELAY_PULL_INTERVAL_SECONDS is not usable/],
    [{ BELAY_PULL_INTERVAL_SECONDS: '1e3' }, /give whole seconds from 10 to 3600$/],
  ])('%j is an error that names the setting and the fix, not its value', (env, says) => {
    const problems = problemsOf(env);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(says);
    expect(problems[0]).not.toContain('secret');
  });
});
