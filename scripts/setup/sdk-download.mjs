/**
 * The Temporal SDK's own download of a server. Run as a program of its own, `node sdk-download.mjs <server> <folder>`, it
 * downloads into the folder and starts the server once; it needs the npm packages, which the set-up itself does not.
 */
import { chmodSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, install } from './cache.mjs';
import { run } from './program.mjs';

const downloadMaxMs = 90_000;
const thisFile = fileURLToPath(import.meta.url);

/** @typedef {'temporal' | 'temporal-test-server'} Downloaded */

/** @param {Downloaded} name */
export function downloadedPath(name) {
  return join(cacheFolder(), `${name}-sdk`, name);
}

/** @param {Downloaded} name @returns {import('./found.mjs').Way} */
export function sdkDownloadWay(name) {
  return {
    says: "the Temporal SDK's own download",
    building: "trying the Temporal SDK's own download",
    async attempt() {
      await install(`${name}-sdk`, async (folder) => {
        await run(process.execPath, { args: [thisFile, name, folder], withinMs: downloadMaxMs });
        const [file, ...others] = readdirSync(folder);
        if (file === undefined || others.length > 0) throw new Error('it left no single program');
        renameSync(join(folder, file), join(folder, name));
        chmodSync(join(folder, name), 0o755);
      });
      return { path: downloadedPath(name) };
    },
  };
}

/** @param {string | undefined} name @param {string | undefined} folder */
async function download(name, folder) {
  if (folder === undefined) throw new Error('usage: sdk-download.mjs <server> <folder>');
  const { TestWorkflowEnvironment } = await import('@temporalio/testing');
  const executable = /** @type {const} */ ({ type: 'cached-download', downloadDir: folder });
  const environment =
    name === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server: { executable } })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
}

if (process.argv[1] === thisFile) {
  download(process.argv[2], process.argv[3]).catch((error) => {
    const [message = ''] = String(error?.message ?? error).split(': error sending request');
    process.stderr.write(`${message}\n`);
    process.exitCode = 1;
  });
}
