/** Bundles the bench's own workflows, with the guard and the converter that the engine's have. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { projectFolder } from '../../engine/project-folder.js';

/** Answers the file it wrote. */
export async function bundleBenchWorkflows(folder: string): Promise<string> {
  const project = projectFolder();
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(project, 'scripts/bench/workflows/index.ts'),
    workflowInterceptorModules: [join(project, 'workflows/interceptors.ts')],
    payloadConverterPath: join(project, 'workflows/converter.cjs'),
    logger: new DefaultLogger('WARN'),
  });
  const file = join(folder, 'bench-bundle.js');
  writeFileSync(file, code);
  return file;
}
