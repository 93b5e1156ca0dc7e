/**
 * `npm run build`: bundles every process to dist/ and the replayed half to dist/workflow-bundle.js, and only what changed
 * since. It checks no types: `npm run types` does. It refuses runbooks whose matchers are flawed.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleOptions } from './bundle-options.mjs';
import { checkRouting } from './routing-check.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const dist = join(root, 'dist');

/** Each becomes a program of its own; what does not exist is left out. */
const entries = [
  'scripts/belay.ts',
  'scripts/commands.ts',
  'scripts/up.ts',
  'scripts/demo.ts',
  'scripts/drill.ts',
  'scripts/bench.ts',
  'scripts/chaos.ts',
  'scripts/demo/shop/shop.ts',
  'scripts/demo/shop/payments.ts',
];

/** Every file that lies right in one of these is an entry too. */
const entryFolders = ['workers', 'scripts/demo', 'scripts/bench'];

const replayedFolders = ['workflows', 'runbooks'];
const allFolders = [...replayedFolders, 'activities', 'workers', 'scripts', 'console'];

/** @typedef {{ processes?: string, workflows?: string }} Stamp */

/** Answers what was built, for whoever wants to say it. @returns {Promise<string[]>} */
export async function build() {
  const before = readStamp();
  const now = {
    processes: digestOf(allFolders),
    workflows: digestOf(replayedFolders),
  };
  if (before.workflows !== now.workflows && existsSync(join(root, 'runbooks/index.ts'))) {
    await checkRouting(root);
  }
  /** @type {Promise<string>[]} */
  const work = [];
  if (before.processes !== now.processes) work.push(buildProcesses());
  if (before.workflows !== now.workflows && existsSync(join(root, 'workflows/index.ts'))) {
    work.push(buildWorkflows());
  }
  const built = await Promise.all(work);
  if (built.length > 0) writeWhole('.stamp', JSON.stringify(now));
  return built;
}

async function buildProcesses() {
  const { build: bundle } = await import('esbuild');
  const files = entryFiles();
  await bundle({
    entryPoints: files.map((file) => join(root, file)),
    outdir: dist,
    outbase: root,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    logLevel: 'silent', // errors are thrown, and said by whoever catches them
  });
  const belay = join(dist, 'scripts/belay.js');
  if (existsSync(belay)) chmodSync(belay, 0o755);
  return `${files.length} processes`;
}

async function buildWorkflows() {
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    ...bundleOptions(root, 'workflows/index.ts'),
    logger: new DefaultLogger('WARN'),
  });
  writeWhole('workflow-bundle.js', code);
  return 'the workflow bundle';
}

function entryFiles() {
  const listed = entryFolders.flatMap((folder) => filesRightIn(folder));
  return [...entries.filter((file) => existsSync(join(root, file))), ...listed];
}

/** @param {string} folder */
function filesRightIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder))
    .filter(isSource)
    .map((name) => `${folder}/${name}`)
    .filter((name) => name.endsWith('.ts'));
}

/** @param {string} name */
function isSource(name) {
  return /\.(ts|cjs|mjs)$/.test(name) && !/\.(test|d)\.ts$/.test(name);
}

/** Of everything that goes into a bundle; the lock file stands for the packages. @param {string[]} folders */
function digestOf(folders) {
  const hash = createHash('sha256');
  const builders = ['build.mjs', 'bundle-options.mjs', 'routing-check.mjs'].map(
    (file) => `scripts/${file}`,
  );
  const shared = ['package-lock.json', ...builders].map((file) => join(root, file));
  for (const file of [
    ...shared,
    ...folders.flatMap((folder) => sourcesBelow(join(root, folder))),
  ]) {
    hash.update(`${relative(root, file)}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** @param {string} folder @returns {string[]} */
function sourcesBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && isSource(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @returns {Stamp} */
function readStamp() {
  const hasBundle = existsSync(join(dist, 'workflow-bundle.js'));
  try {
    const stamp = /** @type {Stamp} */ (JSON.parse(readFileSync(join(dist, '.stamp'), 'utf8')));
    return { ...stamp, ...(hasBundle ? {} : { workflows: '' }) };
  } catch {
    return {};
  }
}

/** @param {string} name @param {string} content */
function writeWhole(name, content) {
  mkdirSync(dist, { recursive: true });
  const unfinished = join(dist, `${name}.${process.pid}`);
  writeFileSync(unfinished, content);
  renameSync(unfinished, join(dist, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const startedAtMs = Date.now();
  try {
    const built = await build();
    const what = built.length === 0 ? 'nothing changed' : built.join(' and ');
    const took = `${((Date.now() - startedAtMs) / 1000).toFixed(1)} s`;
    process.stdout.write(`· build … ${what} (${took})\n`);
  } catch (error) {
    process.stderr.write(`· build … failed: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
