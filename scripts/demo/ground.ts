/** Everything the demo stands on: shop, monitors, engine, on free ports, in one folder; started and stopped in order. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { openDb, type Db } from '../../activities/store/db.js';
import { grantTrust } from '../../activities/store/trust/change.js';
import { startEngine, type Engine } from '../engine/engine.js';
import { projectFolder } from '../engine/project-folder.js';
import { removeUpFile, writeUpFile } from '../engine/up-file.js';
import { freePort } from '../servers/port.js';
import { startSupervisord } from '../servers/supervisord.js';
import { createLevers, type Levers } from './levers.js';
import { planMonitors, type Monitors } from './monitors.js';
import { writeShopFiles } from './shop/config.js';

export interface Ground {
  readonly folder: string;
  readonly engine: Engine;
  readonly monitors: Monitors;
  readonly levers: Levers;
  readonly db: Db;
  readonly shopUrl: string;
  /** How long each rung of the escalation chain is waited for, from the next proposal on; and whether a restart asks. */
  chain(waits: readonly { notify: string; wait: string }[], restartLevel?: 3): void;
  stop(): Promise<void>;
}

/** Five scenarios break one shop within minutes: more often than a service may be repaired in an hour. */
const guardsText = 'version: 1\nrecurring: { max: 20, within: 1h }\n';

/** Begins with an empty folder each time: a demo has no past. */
export async function startGround(folder: string, log: (line: string) => void): Promise<Ground> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    return { ...(await build(folder, { log, stops })), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Building {
  readonly log: (line: string) => void;
  readonly stops: (() => Promise<void>)[];
}

async function build(folder: string, { log, stops }: Building): Promise<Omit<Ground, 'stop'>> {
  const ports = {
    supervisord: await freePort(),
    shop: await freePort(),
    payments: await freePort(),
  };
  const intake = await freePort();
  const url = (port: number): string => `http://127.0.0.1:${port}`;
  const monitors = await planMonitors(folder, url(ports.shop));
  const supervisor = { username: 'belay', password: randomBytes(12).toString('hex') };
  const webhook = {
    url: `${url(intake)}/v1/alerts/alertmanager`,
    token: randomBytes(16).toString('hex'),
  };
  const files = await writeShopFiles({
    folder,
    programFolder: join(projectFolder(), 'dist', 'scripts', 'demo', 'shop'),
    ports: { ...ports, alertmanager: monitors.port },
    webhook,
    supervisor,
  });
  const chain: Ground['chain'] = (waits, restartLevel) => {
    writeFileSync(join(folder, 'services.yaml'), policyText(waits, restartLevel));
  };
  chain([{ notify: 'on-call', wait: '2m' }]);
  writeFileSync(join(folder, 'guards.yaml'), guardsText);
  const supervisorUrl = `${url(ports.supervisord)}/RPC2`;
  writeTargets(folder, { supervisorUrl, ...supervisor, ports, monitors, shopJson: files.shopJson });

  const supervisord = await startSupervisord({
    dataFolder: join(folder, 'supervisord'),
    configFile: files.supervisordConf,
    port: ports.supervisord,
  });
  stops.push(() => supervisord.stop());
  log('the shop runs under supervisord');
  const engine = await startEngine({
    folder,
    ports: { intake },
    env: {
      BELAY_ALERTMANAGER_TOKENS: webhook.token,
      BELAY_POLICY_FILE: join(folder, 'services.yaml'),
      BELAY_TARGETS_FILE: join(folder, 'targets.yaml'),
    },
    log,
  });
  stops.push(() => engine.stop());
  leaveAddresses(folder, engine, stops);
  const stopMonitors = await monitors.start(files, webhook);
  stops.push(stopMonitors);
  log(
    `${monitors.standIn === undefined ? 'Prometheus and Alertmanager watch' : 'the prober watches'} the shop`,
  );
  const db = openDb({ url: engine.databaseUrl, poolMax: 3, name: 'belay-demo' });
  stops.push(() => db.destroy());
  await grantTrust(db, ownersWord);
  const levers = createLevers({
    supervisorUrl,
    ...supervisor,
    paymentsUrl: url(ports.payments),
    shopJson: files.shopJson,
    supervisordLog: join(folder, 'supervisord-own.log'),
  });
  return { folder, engine, monitors, levers, db, chain, shopUrl: url(ports.shop) };
}

/** Without it the first repair would ask a person: nothing acts alone that was not granted or earned. */
const ownersWord = {
  actionClass: 'restart',
  tier: 'warning',
  environment: 'demo',
  level: 4,
  by: 'demo',
  why: 'the owner of the demo lets it restart its shop',
} as const;

/** So that `belay` finds the demo's engine: BELAY_STATE_FOLDER=<folder> belay runs. */
function leaveAddresses(folder: string, engine: Engine, stops: Building['stops']): void {
  const { temporalAddress, namespace, uiUrl, databaseUrl, intakeUrl, token } = engine;
  const addresses = { temporalAddress, namespace, databaseUrl, intakeUrl, token };
  writeUpFile(folder, { v: 1, pid: process.pid, uiUrl: uiUrl ?? null, ...addresses });
  stops.push(() => Promise.resolve(removeUpFile(folder)));
}

function policyText(
  waits: readonly { notify: string; wait: string }[],
  restartLevel: 3 | 4 = 4,
): string {
  return stringify({
    version: 1,
    self: ['belay*'],
    levels: { restart: { warning: restartLevel }, configure: { warning: 3 } },
    overseers: ['console'],
    chains: { default: waits },
    services: { shop: { tier: 'warning', environment: 'demo' } },
  });
}

interface Targets {
  readonly supervisorUrl: string;
  readonly username: string;
  readonly password: string;
  readonly ports: { readonly shop: number };
  readonly monitors: Monitors;
  readonly shopJson: string;
}

function writeTargets(folder: string, targets: Targets): void {
  const { supervisorUrl, username, password, ports, monitors, shopJson } = targets;
  const passwordFile = join(folder, 'supervisor-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const shop = `http://127.0.0.1:${ports.shop}`;
  const { prometheusUrl, alertmanagerUrl } = monitors;
  const text = stringify({
    supervisors: { local: { url: supervisorUrl, username, passwordFile } },
    services: {
      shop: {
        process: { host: 'local', process: 'shop' },
        setting: { file: shopJson, reloadUrl: `${shop}/-/reload`, allowedKeys: ['retries'] },
        probeUrl: `${shop}/healthz`,
      },
    },
    monitors: { prometheusUrl, alertmanagerUrl },
  });
  writeFileSync(join(folder, 'targets.yaml'), text);
}
