/**
 * Bundles the tests of the replayed half into one module that a mutant can be run against in milliseconds: unit tests, every
 * story in the simulator, and the unwind harness. Runs nothing.
 */
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const storyEnding = '.story.ts';

/**
 * Rejects when a test, or anything it imports, cannot be bundled.
 * @param {string} root the project's folder, or a copy of it
 * @param {string} outfile
 */
export async function bundleTests(root, outfile) {
  const contents = [...testFiles(root), 'test/mutants/score/jest-globals.ts']
    .map((file) => `export * from ${JSON.stringify(`./${file}`)};`)
    .join('\n');
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts', sourcefile: 'tests.ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    plugins: [asOneModule(root)],
  });
}

/** @param {string} root @returns {string[]} */
function testFiles(root) {
  const beside = ['workflows', 'workflows/domain', 'workflows/gates', 'workflows/stages'];
  const unit = beside.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => `${folder}/${file}`),
  );
  return [...unit, 'test/stories/stories.test.ts', 'test/unwind/unwind.test.ts'];
}

/** What a file knows of its own place, and the stories it finds there, are settled while bundling. @param {string} root */
export function asOneModule(root) {
  /** @type {import('esbuild').Plugin} */
  const plugin = {
    name: 'as-one-module',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^@jest\/globals$/ }, () => ({
        path: join(root, 'test/mutants/score/jest-globals.ts'),
      }));
      onLoad({ filter: /\/test\/.*\.ts$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        const placed = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
        const isShelf = path.endsWith('/test/support/story/shelf.ts');
        return { contents: isShelf ? withStories(root, placed) : placed, loader: 'ts' };
      });
    },
  };
  return plugin;
}

/** The shelf imports stories by name, which a bundle cannot follow. @param {string} root @param {string} shelf */
function withStories(root, shelf) {
  const folder = join(root, 'test/stories');
  const files = readdirSync(folder).filter((file) => file.endsWith(storyEnding));
  const imports = files.map(
    (file, index) => `import story${index} from ${JSON.stringify(join(folder, file))};`,
  );
  const places = files.map((file, index) => `${JSON.stringify(join(folder, file))}: story${index}`);
  const found = `const storyModules: Record<string, unknown> = { ${places.join(', ')} };`;
  const call = 'await import(join(storiesFolder, name + ending))';
  if (!shelf.includes(call)) throw new Error('shelf.ts finds its stories in another way now');
  const looked = '{ default: storyModules[join(storiesFolder, name + ending)] }';
  return [...imports, found, shelf.replace(call, looked)].join('\n');
}
