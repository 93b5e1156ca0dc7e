/** Debian's `webhook`: a small Go server that runs a program for each request; here a shell that calls curl. */
import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../servers/child.js';
import { isReady } from '../../servers/http-answer.js';
import { run } from '../../setup/program.mjs';
import { programs } from './install.js';
import type { Peer } from './peer.js';

const aptMaxMs = 3 * 60_000;

export const webhook: Peer = {
  name: 'webhook',
  version: '2.8.0',
  durability:
    'none: the program runs at once; what it came to is kept nowhere and never tried again',
  install: unpack,
  async start({ folder, installed, port, sinkUrl }) {
    const [curl] = programs('curl');
    const program = join(folder, 'effect.sh');
    writeFileSync(program, `#!/bin/sh\nexec ${curl} -fsS -X POST "${sinkUrl}/effect/$1"\n`);
    chmodSync(program, 0o755);
    const hooks = join(folder, 'hooks.json');
    writeFileSync(hooks, JSON.stringify([hookOf(program)]));
    const url = `http://127.0.0.1:${port}`;
    const child = await startChild({
      name: 'webhook',
      program: join(installed, 'usr/bin/webhook'),
      args: ['-hooks', hooks, '-ip', '127.0.0.1', '-port', String(port)],
      logFile: join(folder, 'webhook.log'),
      ready: () => isReady(url),
    });
    return { child, url: `${url}/hooks/alert` };
  },
};

/** It answers at once and does not wait for the program. */
function hookOf(program: string): object {
  return {
    id: 'alert',
    'execute-command': program,
    'success-http-response-code': 202,
    'pass-arguments-to-command': [{ source: 'payload', name: 'alerts.0.fingerprint' }],
  };
}

/** Taken out of the package instead of installed: that needs no root and starts no daemon. */
async function unpack(folder: string): Promise<void> {
  const [aptGet, dpkgDeb] = programs('apt-get', 'dpkg-deb');
  await run(aptGet, { args: ['download', 'webhook'], folder, withinMs: aptMaxMs });
  const file = readdirSync(folder).find((name) => /^webhook_2\.8\.0-.*\.deb$/.test(name));
  if (file === undefined) throw new Error("Debian's package webhook is not of version 2.8.0 here");
  await run(dpkgDeb, { args: ['-x', file, '.'], folder, withinMs: aptMaxMs });
}
