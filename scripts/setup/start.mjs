/**
 * `npm run demo`, `bench`, `chaos` and `belay`: set-up, build, then dist/scripts/<name>.js with the same arguments. Standard output
 * belongs to the program alone when it is asked for JSON, and always for `belay`.
 */
import { build } from '../build.mjs';
import { runNode } from './child-program.mjs';
import { why } from './program.mjs';
import { groups, setUp } from './set-up.mjs';

/** Which set-up each program needs. @type {Record<string, string>} */
const groupOf = { demo: 'demo', bench: 'bench', chaos: 'bench', belay: 'bench' };

/** @param {string[]} words */
async function main([name = '', ...args]) {
  const group = groupOf[name];
  if (group === undefined)
    throw new Error(`"${name}" is none of ${Object.keys(groupOf).join(', ')}`);
  const isQuiet = args.includes('--json') || name === 'belay';
  const out = isQuiet ? process.stderr : process.stdout;
  await setUp(groups[group] ?? [], out);
  const built = await build();
  if (built.length > 0) out.write(`· build … ${built.join(' and ')}\n`);
  return runNode([`dist/scripts/${name}.js`, ...args]);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${why(error)}\n`);
  process.exitCode = 1;
}
