/**
 * A copy of the project in a folder of its own, with every mutant planted: built once for the stories and once for replay.
 * The project itself is only read.
 */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { build } from 'esbuild';
import { bundleOptions } from '../../scripts/bundle-options.mjs';
import { pathOf } from '../support/story/bundles.js';
import { asOneModule } from './score/bundle.mjs';
import { guarded, type GuardedSource, type Mutant } from './mutant.js';
import { mutantsOf, planted } from './planting.js';

const copied = ['workflows', 'runbooks', 'activities', 'scripts', 'test', 'package.json'];
/** The story of a run and what it stands on; `index.ts` and `bind.ts` only join it to Temporal. */
const mutated = [
  'remediation',
  'judging',
  'admission',
  'step',
  'people',
  'attention',
  'ledger',
  'pass',
  'journal',
  'health',
  'store',
  'runtime-temporal',
  'search-attributes',
].map((name) => `workflows/${name}.ts`);
const mutatedFolders = ['workflows/stages', 'workflows/actions'];

/** Every file that mutants are made of. */
export function mutatedFiles(): string[] {
  const inFolders = mutatedFolders.flatMap((folder) => {
    const files = readdirSync(pathOf(folder)).filter((file) => /(?<!\.test)\.ts$/.test(file));
    return files.map((file) => `${folder}/${file}`);
  });
  const folders = readdirSync(pathOf('runbooks'), { withFileTypes: true });
  const runbooks = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return [...mutated, ...inFolders, ...runbooks.map((name) => `runbooks/${name}/index.ts`)];
}

export interface PlantedCopy {
  readonly root: string;
  readonly mutants: readonly Mutant[];
  readonly sources: ReadonlyMap<string, GuardedSource>;
  remove(): void;
}

/** Throws when the project cannot be copied. */
export function plantedCopy(): PlantedCopy {
  const root = mkdtempSync(join(tmpdir(), 'belay-mutants-'));
  const filter = (path: string): boolean => !path.includes('/replay/histories');
  for (const name of copied) cpSync(pathOf(name), join(root, name), { recursive: true, filter });
  symlinkSync(pathOf('node_modules'), join(root, 'node_modules'));
  const mutants: Mutant[] = [];
  const sources = new Map<string, GuardedSource>();
  for (const file of mutatedFiles()) {
    const source = guarded(file, readFileSync(pathOf(file), 'utf8'));
    const ofFile = mutantsOf(source, mutants.length + 1);
    writeFileSync(join(root, file), planted(source, ofFile));
    sources.set(file, source);
    mutants.push(...ofFile);
  }
  const remove = (): void => rmSync(root, { recursive: true, force: true });
  return { root, mutants, sources, remove };
}

/** The stories on Temporal's Runtime, as one module; answers with its file. */
export async function buildPlayer({ root }: PlantedCopy): Promise<string> {
  const outfile = join(root, 'player.mjs');
  const standIns: Readonly<Record<string, string>> = {
    '@temporalio/workflow': 'test/mutants/play/temporal.ts',
    './sim-runtime.js': 'test/mutants/play/runtime.ts',
  };
  await build({
    entryPoints: [join(root, 'test/mutants/play/player.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    define: { 'Date.now': 'belayVirtualNow' },
    logLevel: 'error',
    plugins: [
      {
        name: 'stand-ins',
        setup({ onResolve }) {
          onResolve({ filter: /^(@temporalio\/workflow|\.\/sim-runtime\.js)$/ }, ({ path }) => {
            return { path: join(root, standIns[path] ?? '') };
          });
        },
      },
      asOneModule(root),
    ],
  });
  return outfile;
}

/** The workflows of the catalogue and of the stories, for replay. */
export async function buildWorkflows({ root }: PlantedCopy): Promise<string> {
  const entry = join(root, 'test/mutants/workflows.ts');
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ ...bundleOptions(root, entry), logger });
  return code;
}
