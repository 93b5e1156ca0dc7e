/** The whole set-up: Node, packages, servers; writes what it found to `<cache>/servers.json` and changes nothing else. */
import { alone, readJson, writeJson } from './cache.mjs';
import { find } from './found.mjs';
import { alertmanager, prometheus, supervisord } from './monitors.mjs';
import { hasPackages, installPackages, requireNode } from './node-packages.mjs';
import { postgres, postgresWays } from './postgres.mjs';
import { Report } from './report.mjs';
import { temporal, temporalWays } from './temporal.mjs';
import { testServer } from './test-server.mjs';

/** @typedef {import('./found.mjs').Found} Found */
/** @typedef {Partial<Record<keyof typeof servers, Found>>} Servers */

/** By the names that servers.json and scripts/servers/found.ts use. */
export const servers = { temporal, postgres, testServer, prometheus, alertmanager, supervisord };

/** Without these nothing works, so their absence ends the set-up. */
const indispensable = /** @type {Partial<Record<keyof typeof servers, string>>} */ ({
  temporal: temporalWays,
  postgres: postgresWays,
});

/** @type {Record<string, (keyof typeof servers)[]>} */
export const groups = {
  packages: [],
  demo: ['temporal', 'postgres', 'prometheus', 'alertmanager', 'supervisord'],
  bench: ['temporal', 'postgres'],
  test: ['temporal', 'postgres', 'testServer', 'prometheus', 'alertmanager', 'supervisord'],
};

/**
 * Throws one sentence (or the list of ways) when something indispensable cannot be had.
 * @param {(keyof typeof servers)[]} wanted
 * @param {NodeJS.WritableStream} out
 * @returns {Promise<Servers>}
 */
export async function setUp(wanted, out) {
  requireNode();
  const report = new Report(out);
  return alone(report, async () => {
    await setUpPackages(report);
    return setUpServers(wanted, report);
  });
}

/** @param {Report} report */
async function setUpPackages(report) {
  const startedAtMs = Date.now();
  if (hasPackages()) {
    return report.settled({ name: 'npm packages', text: 'already installed' }, startedAtMs);
  }
  const name = 'npm packages';
  await report.during({ name, text: 'installing (about 1 min)' }, installPackages);
  report.settled({ name, text: 'installed' }, startedAtMs);
}

/** @param {(keyof typeof servers)[]} wanted @param {Report} report */
async function setUpServers(wanted, report) {
  const known = /** @type {Servers} */ (readJson('servers.json') ?? {});
  for (const key of wanted) {
    const before = indispensable[key] === undefined ? known[key] : undefined;
    const found = await find(servers[key], report, before);
    known[key] = found;
    writeJson('servers.json', known);
    const ways = indispensable[key];
    if ('absent' in found && ways !== undefined) throw new Error(ways);
  }
  return known;
}
