/** Prometheus, Alertmanager and supervisord: what the demo watches and repairs with. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, install } from './cache.mjs';
import { debianWay } from './debian.mjs';
import { cachedWay, pathWay } from './found.mjs';
import { builtPath, goInstallWay, goModuleWay } from './go-build.mjs';
import { notOnPath, run } from './program.mjs';

const prometheusBuild = {
  name: 'prometheus',
  version: '0.305.0', // is Prometheus 3.5: its Go module counts differently
  module: 'github.com/prometheus/prometheus/cmd/prometheus',
  about: '3 min',
};

const alertmanagerBuild = {
  name: 'alertmanager',
  version: '0.28.1', // later tags lack built files of its pages
  module: 'github.com/prometheus/alertmanager/cmd/alertmanager',
  about: '1 min',
};

/** @type {import('./found.mjs').Server} */
export const prometheus = {
  name: 'prometheus',
  ways: [
    pathWay('prometheus'),
    cachedWay(builtPath(prometheusBuild)),
    debianWay('prometheus', 'prometheus'),
    goModuleWay(prometheusBuild),
  ],
};

/** @type {import('./found.mjs').Server} */
export const alertmanager = {
  name: 'alertmanager',
  ways: [
    pathWay('alertmanager', 'prometheus-alertmanager'),
    cachedWay(builtPath(alertmanagerBuild)),
    debianWay('prometheus-alertmanager', 'prometheus-alertmanager'),
    goInstallWay(alertmanagerBuild),
  ],
};

const supervisorVersion = '4.3.0';
const supervisorFolder = `supervisor-${supervisorVersion}`;
const supervisorProgram = () => join(cacheFolder(), supervisorFolder, 'supervisord');

const wrapper = `#!/bin/sh
BELAY_LIB="$(cd "$(dirname "$0")" && pwd)/lib" exec python3 -c '
import os, sys
sys.path.insert(0, os.environ.pop("BELAY_LIB"))
sys.argv[0] = "supervisord"
from supervisor.supervisord import main
main()' "$@"
`;

/** @type {import('./found.mjs').Server} */
export const supervisord = {
  name: 'supervisord',
  ways: [
    pathWay('supervisord'),
    cachedWay(supervisorProgram()),
    debianWay('supervisor', 'supervisord'),
    {
      says: `pip install supervisor==${supervisorVersion}`,
      building: `installing supervisor ${supervisorVersion} with pip`,
      obstacle: () => notOnPath('python3'),
      async attempt() {
        await install(supervisorFolder, pipInstall);
        return { path: supervisorProgram() };
      },
    },
  ],
};

/** @param {string} folder */
async function pipInstall(folder) {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target'];
  await run('python3', {
    args: [...args, join(folder, 'lib'), `supervisor==${supervisorVersion}`],
    withinMs: 3 * 60_000,
  });
  writeFileSync(join(folder, 'supervisord'), wrapper, { mode: 0o755 });
  await run(join(folder, 'supervisord'), { args: ['--version'], withinMs: 30_000 });
}
