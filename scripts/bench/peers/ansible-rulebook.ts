/** ansible-rulebook: a rule that runs a module for each alert, its webhook source and its rule engine as they come. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../../servers/child.js';
import { answers } from '../../servers/http-answer.js';
import { run } from '../../setup/program.mjs';
import { programs } from './install.js';
import type { Peer, PeerSite } from './peer.js';

const version = '1.3.2';
const pipMaxMs = 6 * 60_000;

export const ansibleRulebook: Peer = {
  name: 'ansible-rulebook',
  version,
  durability: 'none as it comes: accepted alerts wait in memory and are lost when the process dies',
  async install(folder) {
    const [python] = programs('python3', 'java');
    const venv = join(folder, 'venv');
    await run(python, { args: ['-m', 'venv', venv], withinMs: pipMaxMs });
    const packages = [`ansible-rulebook==${version}`, 'ansible-core==2.19.14'];
    const args = ['install', '--quiet', ...packages];
    await run(join(venv, 'bin/pip'), { args, withinMs: pipMaxMs });
  },
  async start(site) {
    const { folder, installed, port } = site;
    const rulebook = join(folder, 'rulebook.yml');
    writeFileSync(rulebook, JSON.stringify([ruleset(site)], null, 2)); // JSON is YAML
    const inventory = join(folder, 'inventory.yml');
    const programsFolder = join(installed, 'venv/bin');
    writeFileSync(inventory, JSON.stringify(localhostOf(join(programsFolder, 'python3'))));
    const url = `http://127.0.0.1:${port}`;
    const child = await startChild({
      name: 'ansible-rulebook',
      program: join(programsFolder, 'ansible-rulebook'),
      args: ['--rulebook', rulebook, '-i', inventory],
      env: {
        PATH: `${programsFolder}:${process.env['PATH'] ?? ''}`,
        ANSIBLE_HOME: join(folder, 'home'),
        ANSIBLE_LOCALHOST_WARNING: 'false',
      },
      folder,
      logFile: join(folder, 'ansible-rulebook.log'),
      ready: () => answers(url),
      readyWithinMs: 90_000,
    });
    return { child, url: `${url}/endpoint` };
  },
};

/** With its own Python: one that it has to look for may be a stand-in that does not work. */
function localhostOf(python: string): object {
  const localhost = { ansible_connection: 'local', ansible_python_interpreter: python };
  return { all: { hosts: { localhost } } };
}

function ruleset({ port, sinkUrl }: PeerSite): object {
  const effect = `${sinkUrl}/effect/{{ event.payload.alerts[0].fingerprint }}`;
  return {
    name: 'alerts',
    hosts: 'all',
    sources: [{ 'eda.builtin.webhook': { host: '127.0.0.1', port } }],
    rules: [
      {
        name: 'repair',
        condition: 'event.payload.alerts is defined',
        action: {
          run_module: {
            name: 'ansible.builtin.uri',
            module_args: { url: effect, method: 'POST' },
          },
        },
      },
    ],
  };
}
