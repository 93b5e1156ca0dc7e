/**
 * How every workflow bundle is made, the released one and those of tests and bench: guard, converter and shared modules.
 * Builds nothing itself.
 */
import { join } from 'node:path';

/**
 * Loaded once for a worker instead of once for each run, and frozen: they import no Temporal and keep no state, which is
 * what the Runtime is for. It took a waiting run from 238 KB to 147 KB of heap.
 */
const sharedModules = [
  'workflows/remediation.ts',
  'workflows/rehearsal.ts',
  'workflows/messages.ts',
  'runbooks/index.ts',
];

/**
 * @param {string} root the project's folder
 * @param {string} entry the file, within it or absolute, that exports the workflows
 */
export function bundleOptions(root, entry) {
  return {
    workflowsPath: entry.startsWith('/') ? entry : join(root, entry),
    workflowInterceptorModules: [join(root, 'workflows/interceptors.ts')],
    payloadConverterPath: join(root, 'workflows/converter.cjs'),
    preloadModules: sharedModules.map((file) => join(root, file)),
  };
}
