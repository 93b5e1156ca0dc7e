/** The workflow bundle as workers run it: what it exports, what it holds, how large it is, and that its guard is in. */
import { builtinModules } from 'node:module';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { runbooks } from '../../runbooks/index.js';
import * as workflows from '../../workflows/index.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import { bundleOf, catalogueEntry, pathOf } from '../support/story/bundles.js';

/** Each cached run shares it, but every worker parses it: half as much again would be a dependency that crept in. */
const bytesMax = 1.1 * 1024 * 1024;

/** The map behind the code is left out: its size follows the length of the path the project happens to stand in. */
function bytesOfCode(code: string): number {
  const [runs = ''] = code.split('//# sourceMappingURL=');
  return Buffer.byteLength(runs);
}

describe('the workflow bundle', () => {
  test('exports one workflow for each runbook of the catalogue, named after it, and nothing else', () => {
    const wanted = runbooks.map(({ meta }) => workflowTypeOf(meta.name)).toSorted();
    expect(Object.keys(workflows).toSorted()).toEqual(wanted);
    expect(Object.values(workflows).every((workflow) => typeof workflow === 'function')).toBe(true);
  });

  test('is built from the workflows without a Node built-in, within its size', async () => {
    const { code } = await bundleOf(catalogueEntry);
    expect(bytesOfCode(code)).toBeLessThan(bytesMax);
    const required = builtinModules.filter((name) => code.includes(`require("${name}")`));
    expect(required).toEqual([]);
  });

  test('is valid code of its own and holds its interceptor', async () => {
    const { code } = await bundleOf(catalogueEntry);
    expect(() => runInNewContext(`(function () {${code}\n})`)).not.toThrow();
    expect(code).toContain('effect-outside-step');
  });

  test('cannot be built from code that reaches for Node', async () => {
    const silent = new DefaultLogger('ERROR', () => undefined);
    const workflowsPath = pathOf('test/bundle/reaches-for-node.ts');
    await expect(bundleWorkflowCode({ workflowsPath, logger: silent })).rejects.toThrow();
  });
});
