/** n8n: a workflow from a webhook node to an HTTP request, kept in PostgreSQL as its makers advise for production. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../servers/child.js';
import { isReady } from '../../servers/http-answer.js';
import { freePort } from '../../servers/port.js';
import { run } from '../../setup/program.mjs';
import { npmInstall } from './install.js';
import type { Peer, PeerSite } from './peer.js';

/** The last line that runs on Node 20. */
const version = '1.123.81';
const commandMaxMs = 3 * 60_000;
const workflowId = 'belaybenchalerts';

export const n8n: Peer = {
  name: 'n8n',
  version,
  durability:
    'the record of each execution is in PostgreSQL; one that was cut off is marked as crashed and not taken up again',
  /** Its spreadsheet library is a file outside of every registry: an older one of the registry takes its place, never called. */
  install: (folder) => npmInstall(folder, { n8n: version }, { xlsx: '0.18.5' }),
  async start(site) {
    const { folder, installed, port } = site;
    const program = join(installed, 'node_modules/n8n/bin/n8n');
    const env = await environmentOf(site);
    const command = (...args: string[]) =>
      run(process.execPath, { args: [program, ...args], withinMs: commandMaxMs, env });
    const file = join(folder, 'workflow.json');
    writeFileSync(file, JSON.stringify(workflow(site.sinkUrl)));
    await command('import:workflow', `--input=${file}`);
    await command('update:workflow', `--id=${workflowId}`, '--active=true');
    const url = `http://127.0.0.1:${port}`;
    const child = await startChild({
      name: 'n8n',
      program: process.execPath,
      args: [program, 'start'],
      env,
      logFile: join(folder, 'n8n.log'),
      ready: () => isReady(`${url}/webhook/ready`),
      readyWithinMs: 180_000,
    });
    return { child, url: `${url}/webhook/alert` };
  },
};

async function environmentOf(site: PeerSite): Promise<Record<string, string>> {
  const database = await site.database();
  mkdirSync(site.folder, { recursive: true });
  return {
    N8N_USER_FOLDER: site.folder,
    N8N_HOST: '127.0.0.1',
    N8N_LISTEN_ADDRESS: '127.0.0.1',
    N8N_PORT: String(site.port),
    N8N_RUNNERS_BROKER_PORT: String(await freePort()),
    N8N_DIAGNOSTICS_ENABLED: 'false',
    N8N_VERSION_NOTIFICATIONS_ENABLED: 'false',
    N8N_TEMPLATES_ENABLED: 'false',
    N8N_EXPRESSION_ENGINE: 'legacy', // its isolated one has no build for Node 20, and is slower
    N8N_LOG_LEVEL: 'warn',
    DB_TYPE: 'postgresdb',
    DB_POSTGRESDB_HOST: database.hostname,
    DB_POSTGRESDB_PORT: database.port,
    DB_POSTGRESDB_DATABASE: database.pathname.slice(1),
    DB_POSTGRESDB_USER: database.username,
    DB_POSTGRESDB_PASSWORD: decodeURIComponent(database.password),
  };
}

/** It answers at once and calls the sink after it; `/ready` tells that the workflow is taken up. */
function workflow(sinkUrl: string): object {
  const at = (name: string, node: object) => ({ id: name, name, position: [0, 0], ...node });
  const hook = (path: string, httpMethod: string) => {
    const parameters = { path, httpMethod, responseMode: 'onReceived', options: {} };
    return at(path, {
      type: 'n8n-nodes-base.webhook',
      typeVersion: 2,
      webhookId: path,
      parameters,
    });
  };
  const url = `=${sinkUrl}/effect/{{ $json.body.alerts[0].fingerprint }}`;
  const call = at('call', {
    type: 'n8n-nodes-base.httpRequest',
    typeVersion: 4.2,
    parameters: { method: 'POST', url, options: {} },
  });
  return {
    id: workflowId,
    name: 'alerts',
    active: false,
    nodes: [hook('alert', 'POST'), hook('ready', 'GET'), call],
    connections: { alert: { main: [[{ node: 'call', type: 'main', index: 0 }]] } },
    settings: {},
  };
}
