/** Node-RED: a flow from an HTTP node to an HTTP request. Known by its version only, started on files of our own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../servers/child.js';
import { isReady } from '../../servers/http-answer.js';
import { npmInstall } from './install.js';
import type { Peer, PeerSite } from './peer.js';

const version = '4.1.15';

export const nodeRed: Peer = {
  name: 'node-red',
  version,
  durability: 'none: an accepted alert is in memory only, and lost when the process dies',
  install: (folder) => npmInstall(folder, { 'node-red': version }),
  async start(site) {
    const { folder, installed, port } = site;
    writeFileSync(join(folder, 'flows.json'), JSON.stringify(flows(site.sinkUrl)));
    const settings = join(folder, 'settings.js');
    writeFileSync(settings, settingsText(port));
    const url = `http://127.0.0.1:${port}`;
    const child = await startChild({
      name: 'node-red',
      program: process.execPath,
      args: [join(installed, 'node_modules/node-red/red.js')].concat(
        ['--settings', settings],
        ['--userDir', folder],
      ),
      logFile: join(folder, 'node-red.log'),
      ready: () => isReady(`${url}/ready`),
      readyWithinMs: 90_000,
    });
    return { child, url: `${url}/alert` };
  },
};

/** The editor is off: nothing but the flow runs. */
function settingsText(port: number): string {
  const settings = {
    uiHost: '127.0.0.1',
    uiPort: port,
    flowFile: 'flows.json',
    credentialSecret: false,
    httpAdminRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: 'warn', metrics: false, audit: false } },
  };
  return `module.exports = ${JSON.stringify(settings)};\n`;
}

/** It answers 202 and calls the sink, as two branches of one flow; `/ready` tells that the flow is there. */
function flows(sinkUrl: PeerSite['sinkUrl']): unknown[] {
  const node = (id: string, wires: string[], more: object) => {
    return { id, z: 'flow', name: '', x: 100, y: 100, wires: [wires], ...more };
  };
  const func = [
    `msg.url = ${JSON.stringify(`${sinkUrl}/effect/`)} + msg.payload.alerts[0].fingerprint;`,
    `msg.headers = {}; msg.payload = {}; return msg;`,
  ].join('\n');
  return [
    { id: 'flow', type: 'tab', label: 'alerts', disabled: false },
    node('in', ['answer', 'address'], { type: 'http in', url: '/alert', method: 'post' }),
    node('answer', [], { type: 'http response', statusCode: '202' }),
    node('address', ['call'], { type: 'function', func, outputs: 1 }),
    node('call', [], { type: 'http request', method: 'POST', ret: 'txt', url: '' }),
    node('ready', ['well'], { type: 'http in', url: '/ready', method: 'get' }),
    node('well', [], { type: 'http response', statusCode: '200' }),
  ];
}
