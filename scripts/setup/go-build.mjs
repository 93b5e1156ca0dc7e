/** Servers built from their Go modules; what is built is tried before it is used. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, install } from './cache.mjs';
import { notOnPath, run } from './program.mjs';

const buildMaxMs = 15 * 60_000;

/**
 * @typedef {object} GoBuild
 * @property {string} name the program's
 * @property {string} version without the v
 * @property {string} module the package that holds the program's main function
 * @property {string} about how long it takes
 */

/** @param {GoBuild} build */
export function builtPath({ name, version }) {
  return join(cacheFolder(), `${name}-${version}`, name);
}

/** `go install module@version`. @param {GoBuild} build @returns {import('./found.mjs').Way} */
export function goInstallWay(build) {
  const says = `go install ${build.module}@v${build.version}`;
  return goWay(build, says, (folder) =>
    run('go', {
      args: ['install', `${build.module}@v${build.version}`],
      withinMs: buildMaxMs,
      env: { GOBIN: folder, GOFLAGS: '-buildvcs=false' },
    }),
  );
}

/** For a module whose own go.mod stands in the way of `go install`. @param {GoBuild} build @returns {import('./found.mjs').Way} */
export function goModuleWay(build) {
  const says = `go build ${build.module}@v${build.version}`;
  return goWay(build, says, async (folder) => {
    const source = join(folder, 'source');
    const env = { GOFLAGS: '-mod=mod -buildvcs=false' };
    mkdirSync(source);
    writeFileSync(join(source, 'go.mod'), 'module belay/build\n');
    for (const args of [
      ['get', `${build.module}@v${build.version}`],
      ['build', '-o', join(folder, build.name), build.module],
    ]) {
      await run('go', { args, withinMs: buildMaxMs, folder: source, env });
    }
  });
}

/**
 * @param {GoBuild} build
 * @param {string} says
 * @param {(folder: string) => Promise<unknown>} make
 * @returns {import('./found.mjs').Way}
 */
function goWay(build, says, make) {
  return {
    says,
    building: `building with ${says} (about ${build.about})`,
    obstacle: () => notOnPath('go'),
    async attempt() {
      await install(`${build.name}-${build.version}`, async (folder) => {
        await make(folder);
        const program = join(folder, build.name);
        if (!existsSync(program)) throw new Error(`it left no program ${build.name}`);
        await run(program, { args: ['--version'], withinMs: 30_000 });
      });
      return { path: builtPath(build) };
    },
  };
}
