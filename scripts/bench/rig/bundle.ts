/** Bundles the bench's own workflows, with the guard and the converter that the engine's have. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleOptions } from '../../bundle-options.mjs';
import { projectFolder } from '../../engine/project-folder.js';

/** The files in scripts/bench/workflows/ that are what a worker runs. */
export type BenchWorkflows = 'hand-written' | 'waiting';

/** Answers the file it wrote. */
export async function bundleBenchWorkflows(name: BenchWorkflows, folder: string): Promise<string> {
  const project = projectFolder();
  const { code } = await bundleWorkflowCode({
    ...bundleOptions(project, `scripts/bench/workflows/${name}.ts`),
    logger: new DefaultLogger('WARN'),
  });
  const file = join(folder, `${name}-bundle.js`);
  writeFileSync(file, code);
  return file;
}
