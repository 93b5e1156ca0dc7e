/** Temporal's time-skipping test server: the SDK's download, or its jar files from Maven Central run by Java. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, install } from './cache.mjs';
import { cachedWay, notBuilt, pathWay } from './found.mjs';
import { isProgram, notOnPath, run } from './program.mjs';
import { downloadedPath, sdkDownloadWay } from './sdk-download.mjs';

const version = '1.38.0';
const name = `temporal-test-server-${version}`;
const program = 'temporal-test-server';

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>belay</groupId><artifactId>test-server</artifactId><version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId><artifactId>temporal-test-server</artifactId><version>${version}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version>
    </dependency>
  </dependencies>
</project>
`;

const wrapper = `#!/bin/sh
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(dirname "$0")/lib/*" \\
  io.temporal.testserver.TestServer "$@"
`;

/** @type {import('./found.mjs').Server} */
export const testServer = {
  name: 'test-server',
  ways: [
    pathWay(program),
    cachedWay(downloadedPath(program)),
    {
      says: `Maven Central's ${name}, fetched before`,
      async attempt() {
        const path = join(cacheFolder(), name, program);
        if (!isProgram(path)) return { absent: notBuilt };
        const absent = notOnPath('java');
        return absent === undefined ? { path } : { absent };
      },
    },
    sdkDownloadWay(program),
    {
      says: `Maven Central's ${name}`,
      building: `fetching ${name} from Maven Central`,
      obstacle: () => notOnPath('mvn', 'java'),
      async attempt() {
        await install(name, fetchJars);
        return { path: join(cacheFolder(), name, program) };
      },
    },
  ],
};

/** @param {string} folder */
async function fetchJars(folder) {
  writeFileSync(join(folder, 'pom.xml'), pom);
  const args = ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=lib'];
  await run('mvn', { args, withinMs: 3 * 60_000, folder });
  const jars = readdirSync(join(folder, 'lib'));
  if (!jars.includes(`${name}.jar`)) throw new Error(`Maven brought no ${name}.jar`);
  writeFileSync(join(folder, program), wrapper, { mode: 0o755 });
}
