/** Catalogues of generated runbooks, bundled as the real one is: each a copy of restart-service under a name of its own. */
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleOptions } from '../../bundle-options.mjs';
import { projectFolder } from '../../engine/project-folder.js';
import { clockMs } from './clock.js';

export interface GeneratedBundle {
  readonly file: string;
  readonly bytes: number;
  /** From nothing to the finished file. */
  readonly builtWithinMs: number;
}

/** The workflow type of the n-th. */
export function generatedType(index: number): string {
  return `generated${index}`;
}

/** As its runs' ids begin. */
export function generatedName(index: number): string {
  return `generated-${index}`;
}

export async function bundleGenerated(count: number, folder: string): Promise<GeneratedBundle> {
  const place = join(folder, `runbooks-${count}`);
  const { entry, catalogue } = generate(count, place);
  const options = bundleOptions(projectFolder(), entry);
  const startedMs = clockMs();
  const { code } = await bundleWorkflowCode({
    ...options,
    preloadModules: [...options.preloadModules, catalogue],
    logger: new DefaultLogger('ERROR'), // it says that a large bundle is large
  });
  const file = join(place, 'bundle.js');
  writeFileSync(file, code);
  return { file, bytes: statSync(file).size, builtWithinMs: clockMs() - startedMs };
}

/** The catalogue is loaded once for all runs of a worker, as the real one is. */
function generate(count: number, place: string): { entry: string; catalogue: string } {
  const root = projectFolder();
  const original = readFileSync(join(root, 'runbooks/restart-service/index.ts'), 'utf8');
  const indexes = Array.from({ length: count }, (_, index) => index);
  mkdirSync(place, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules')); // packages are looked for from here
  for (const index of indexes) {
    writeFileSync(join(place, `${generatedName(index)}.ts`), renamed(original, index, root));
  }
  const imports = indexes.map((index) => {
    return `import { ${generatedType(index)} as r${index} } from './${generatedName(index)}.js';`;
  });
  const catalogue = join(place, 'catalogue.ts');
  const list = indexes.map((index) => `r${index}`).join(', ');
  writeFileSync(catalogue, `${imports.join('\n')}\nexport const runbooks = [${list}];\n`);
  const entry = join(place, 'index.ts');
  const bind = `import { workflowOf } from '${root}/workflows/bind.js';`;
  const exported = indexes.map((index) => {
    return `export const ${generatedType(index)} = workflowOf(r${index});`;
  });
  writeFileSync(entry, `${[...imports, bind, ...exported].join('\n')}\n`);
  return { entry, catalogue };
}

/** Throws when the original no longer reads as this expects. */
function renamed(original: string, index: number, root: string): string {
  const changes: readonly [string, string][] = [
    ['restartService', generatedType(index)],
    ["'restart-service'", `'${generatedName(index)}'`],
    ["'ServiceDown'", `'ServiceDown${index}'`],
    ["'../../workflows/", `'${root}/workflows/`],
  ];
  return changes.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`restart-service does not contain ${from} any more`);
    return text.replaceAll(from, to);
  }, original);
}
