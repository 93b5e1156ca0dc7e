/**
 * How a server is found: its ways are tried in order, the first that has it wins, and when none has it every reason is
 * kept. Ways that cost nothing come first and are tried each time; costly ones that failed are left alone for an hour.
 *
 * @typedef {{ path: string } | { address: string }} Here
 * @typedef {{ why: string, atMs: number }} Failure
 * @typedef {Record<string, Failure>} Failures by the name of the way
 * @typedef {Here | { absent: string, failures?: Failures }} Found
 *
 * @typedef {object} Way
 * @property {string} says how people would name this way
 * @property {string} [building] what is said before work that takes long; without it the way is quick
 * @property {() => string | undefined} [obstacle] why it cannot even be tried here
 * @property {() => Promise<Found>} attempt
 *
 * @typedef {object} Server
 * @property {string} name
 * @property {readonly Way[]} ways
 *
 * @typedef {import('./report.mjs').Report} Report
 */
import { onPath, isProgram, why } from './program.mjs';

/** What no reader needs to be told: nothing was built yet. */
export const notBuilt = 'not built yet';

const retryAfterMs = 60 * 60_000;

/**
 * @param {Server} server
 * @param {Report} report
 * @param {Found | undefined} before what the last set-up came to
 * @returns {Promise<Found>}
 */
export async function find(server, report, before) {
  const startedAtMs = Date.now();
  const reasons = [];
  /** @type {Failures} */
  const failures = {};
  for (const way of server.ways) {
    const known = recentFailure(way, before);
    const found = known === undefined ? await tried(way, server, report) : { absent: known.why };
    if (!('absent' in found)) {
      report.settled({ name: server.name, text: `found: ${way.says}` }, startedAtMs);
      return found;
    }
    if (found.absent !== notBuilt) reasons.push(`${way.says}: ${found.absent}`);
    if (way.building !== undefined && way.obstacle?.() === undefined) {
      failures[way.says] = known ?? { why: found.absent, atMs: Date.now() };
    }
  }
  const absent = reasons.join('; ');
  report.settled({ name: server.name, text: `absent: ${absent}` }, startedAtMs);
  return { absent, failures };
}

/** @param {Way} way @param {Found | undefined} before @returns {Failure | undefined} */
function recentFailure(way, before) {
  if (before === undefined || !('absent' in before)) return undefined;
  const failure = before.failures?.[way.says];
  const isRecent = failure !== undefined && Date.now() - failure.atMs < retryAfterMs;
  return isRecent ? failure : undefined;
}

/** @param {Way} way @param {Server} server @param {Report} report @returns {Promise<Found>} */
async function tried(way, server, report) {
  const obstacle = way.obstacle?.();
  if (obstacle !== undefined) return { absent: obstacle };
  try {
    if (way.building === undefined) return await way.attempt();
    return await report.during({ name: server.name, text: way.building }, way.attempt);
  } catch (error) {
    return { absent: why(error) };
  }
}

/** The way every server has. @param {...string} names @returns {Way} */
export function pathWay(...names) {
  return {
    says: `${names[0]} on PATH`,
    async attempt() {
      const path = onPath(...names);
      return path === undefined ? { absent: 'not there' } : { path };
    },
  };
}

/** What an earlier set-up built. @param {string} path @returns {Way} */
export function cachedWay(path) {
  return {
    says: `built before in ${path}`,
    async attempt() {
      return isProgram(path) ? { path } : { absent: notBuilt };
    },
  };
}
