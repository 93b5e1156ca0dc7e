/** `node scripts/setup/main.mjs <what...>`: brings what is missing for the demo, the tests, or single servers. */
import { why } from './program.mjs';
import { groups, servers, setUp } from './set-up.mjs';

/** @typedef {keyof typeof servers} Name */

/** @param {string} word @returns {Name[]} */
function wantedBy(word) {
  const group = groups[word];
  if (group !== undefined) return group;
  const name = word === 'test-server' ? 'testServer' : word;
  if (Object.hasOwn(servers, name)) return [/** @type {Name} */ (name)];
  const known = [...Object.keys(groups), ...Object.keys(servers)].join(', ');
  throw new Error(`"${word}" is nothing that can be set up; there is: ${known}`);
}

try {
  const words = process.argv.slice(2);
  if (words.length === 0) throw new Error(`say what to set up: ${Object.keys(groups).join(', ')}`);
  const wanted = [...new Set(words.flatMap(wantedBy))];
  await setUp(wanted, process.stdout);
} catch (error) {
  process.stderr.write(`${why(error)}\n`);
  process.exitCode = 1;
}
