/** The four ways to a Temporal server, in their order. */
import { cachedWay, pathWay } from './found.mjs';
import { builtPath, goInstallWay } from './go-build.mjs';
import { downloadedPath, sdkDownloadWay } from './sdk-download.mjs';

const build = {
  name: 'temporal',
  version: '1.5.1', // later tags carry a replace directive, which go install refuses
  module: 'github.com/temporalio/cli/cmd/temporal',
  about: '3 min',
};

/** @type {import('./found.mjs').Server} */
export const temporal = {
  name: 'temporal',
  ways: [
    {
      says: 'TEMPORAL_ADDRESS',
      async attempt() {
        const address = process.env['TEMPORAL_ADDRESS'];
        return address ? { address } : { absent: 'not set' };
      },
    },
    pathWay('temporal'),
    cachedWay(downloadedPath('temporal')),
    cachedWay(builtPath(build)),
    sdkDownloadWay('temporal'),
    goInstallWay(build),
  ],
};

/** What to do when none of the ways led anywhere. */
export const temporalWays = `There is no Temporal server. There are four ways to one:
  1. set TEMPORAL_ADDRESS to the host:port of one that runs
  2. put the program temporal on PATH
  3. let the Temporal SDK download it: its download page has to be reachable
  4. have Go 1.25 or newer on PATH: go install ${build.module}@v${build.version}`;
