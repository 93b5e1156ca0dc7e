/** The shipped runbooks share the alerts clearly, and one that does not is refused by the build, with names and an example. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { runbooks } from '../../runbooks/index.js';
import { flawsOf, flawText } from '../../workflows/domain/routing-flaw.js';
import { pathOf } from '../support/story/bundles.js';

test('of the shipped runbooks no two take one alert, and every entry can be reached', () => {
  expect(flawsOf(runbooks).map(flawText)).toEqual([]);
});

test('the build refuses two runbooks for one alert, naming both and such an alert', () => {
  const project = mkdtempSync(join(tmpdir(), 'belay-routing-'));
  try {
    const copied = ['workflows', 'runbooks', 'package.json', 'package-lock.json'];
    const builders = ['build.mjs', 'bundle-options.mjs', 'routing-check.mjs'];
    for (const path of [...copied, ...builders.map((name) => `scripts/${name}`)]) {
      cpSync(pathOf(path), join(project, path), { recursive: true });
    }
    symlinkSync(pathOf('node_modules'), join(project, 'node_modules'));
    writeFileSync(join(project, 'runbooks/index.ts'), catalogueWithTwo);
    const built = spawnSync(process.execPath, ['scripts/build.mjs'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(built.stderr).toContain(
      'restart-service and restart-zone both take an alert with the labels {"alertname":"ServiceDown","zone":"a"}',
    );
    expect(built.stderr).toContain('no alert reaches the entry {"alertname":"X","runbook"');
    expect(built.stderr).not.toMatch(/^\s+at /m);
    expect({ status: built.status, out: built.stdout }).toEqual({ status: 1, out: '' });
  } finally {
    rmSync(project, { recursive: true, force: true });
  }
});

const catalogueWithTwo = `
import { restartService } from './restart-service/index.js';
import { defineRunbook } from '../workflows/runbook.js';

const handles = [
  { alertname: 'ServiceDown', zone: 'a' },
  { alertname: 'X', runbook: 'restart-service' },
];
const restartZone = defineRunbook(
  { name: 'restart-zone', handles, summary: '', maxAgeMs: 1 },
  () => Promise.resolve(),
);
export const runbooks = [restartService, restartZone];
`;
