/** A hot call into Cedar whose optimised code is thrown away meanwhile: it ended the whole process before. */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const script = `
import { statefulIsAuthorized as ask } from '@cedar-policy/cedar-wasm/nodejs';
import { keepParsed, compileFile } from './activities/policy/cedar.js';
keepParsed('s', compileFile({ name: 'a', text: '@id("a") permit (principal, action, resource);' }));
const question = (context) => ({
  principal: { type: 'Runbook', id: 'r' }, action: { type: 'Action', id: 'act' },
  resource: { type: 'Service', id: 's' }, context, preparsedPolicySetId: 's', entities: [],
});
for (let i = 0; i < 20000; i += 1) ask(question({ level: 3 }));
Function('ask', '%OptimizeFunctionOnNextCall(ask)')(ask);
ask(question({ level: 3 }));
const context = { get level() { Function('ask', '%DeoptimizeFunction(ask)')(ask); return 3; } };
console.log(ask(question(context)).response.decision);
`;

test('the process outlives it', async () => {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: '.', loader: 'js' },
    ...{ bundle: true, write: false, packages: 'external', format: 'esm', platform: 'node' },
  });
  const run = spawnSync(
    process.execPath,
    ['--allow-natives-syntax', '--input-type=module', '-e', outputFiles[0]?.text ?? ''],
    { encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } },
  );
  expect({ out: run.stdout.trim(), status: run.status }).toEqual({ out: 'allow', status: 0 });
}, 300_000);
