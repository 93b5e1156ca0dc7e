/**
 * Refuses a catalogue whose matchers are flawed (two runbooks for one alert, an entry no alert can reach) before anything
 * is built from it. It loads the runbooks as they stand and starts nothing.
 */
import { join } from 'node:path';

/** Both in one bundle: whatever the runbooks import comes along, and nothing has to be built before. */
const asked = `
  export { runbooks } from './runbooks/index.ts';
  export { flawsOf, flawText } from './workflows/domain/routing-flaw.ts';
`;

/** @typedef {{ runbooks: object[], flawsOf(catalogue: object[]): object[], flawText(flaw: object): string }} Catalogue */

/**
 * Throws an error whose message names every flaw, one a line, with an example and the fix.
 * @param {string} root the project's folder
 */
export async function checkRouting(root) {
  const { runbooks, flawsOf, flawText } = await catalogueOf(root);
  const flaws = flawsOf(runbooks).map(flawText);
  if (flaws.length === 0) return;
  throw new Error(['the runbooks do not share the alerts clearly:', ...flaws].join('\n  '));
}

/** @param {string} root @returns {Promise<Catalogue>} */
async function catalogueOf(root) {
  const { build } = await import('esbuild');
  const { outputFiles } = await build({
    stdin: { contents: asked, loader: 'ts', resolveDir: root, sourcefile: join(root, 'asked.ts') },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent', // errors are thrown, and said by whoever catches them
  });
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return /** @type {Promise<Catalogue>} */ (import(`data:text/javascript;base64,${code}`));
}
