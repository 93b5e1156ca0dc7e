/** Builds workflow bundles for tests, each once per test file, with the interceptors and the converter of the real one. */
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { bundleOptions } from '../../../scripts/bundle-options.mjs';
import { runbooks } from '../../../runbooks/index.js';

export type { WorkflowBundleWithSourceMap as Bundle };

export function pathOf(fromRoot: string): string {
  return fileURLToPath(new URL(`../../../${fromRoot}`, import.meta.url));
}

export const payloadConverterPath = pathOf('workflows/converter.cjs');
export const catalogueEntry = pathOf('workflows/index.ts');
export const storyEntry = pathOf('test/support/story/workflows.ts');

const built = new Map<string, Promise<WorkflowBundleWithSourceMap>>();

/** Rejects when the entry, or anything it imports, cannot be bundled: a Node built-in, for one. */
export function bundleOf(entry: string): Promise<WorkflowBundleWithSourceMap> {
  const bundle = built.get(entry) ?? build(entry);
  built.set(entry, bundle);
  return bundle;
}

function build(workflowsPath: string): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    ...bundleOptions(pathOf(''), workflowsPath),
    logger: new DefaultLogger('ERROR'),
  });
}

/** Which entry has the workflow of this runbook: the real one, or the stories'. */
export function entryOf(runbook: string): string {
  const inCatalogue = runbooks.some(({ meta }) => meta.name === runbook);
  return inCatalogue ? catalogueEntry : storyEntry;
}

/** The queue of the worker with this entry's workflows. */
export function queueOf(entry: string): string {
  if (entry === catalogueEntry) return 'belay';
  return entry === storyEntry ? 'belay-stories' : entry;
}
