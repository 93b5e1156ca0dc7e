/** What is shipped for containers, held together by parsing: no container is built or started here, since CI has no engine. */
import { describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { parse } from 'yaml';
import { verifierKeyText } from '../../activities/audit/note.js';
import { writeSecrets } from '../../scripts/deploy/secrets.mjs';
import { shopFilesIn, shopJson, writeShopFiles } from '../../scripts/demo/shop/config.js';
import { runSearchAttributes, tunedFlags } from '../../scripts/servers/temporal.js';
import { parseTargets } from '../../workers/remediation/targets.js';
import { readNotarySettings } from '../../workers/notary/settings.js';
import { settingOf } from '../../workers/secrets.js';
import { readSettings } from '../../workers/settings.js';
import { pathOf } from '../support/story/bundles.js';
import { mountsOf, parseCompose, readCompose, type Service } from './compose-file.js';
import { copiesOf, lastOf, parseDockerfile, type Stage } from './dockerfile.js';

const textOf = (path: string): string => readFileSync(pathOf(path), 'utf8');
const compose = readCompose();
const services = Object.entries(compose.services);
const stages = parseDockerfile(textOf('Dockerfile'));
const ours = services.filter(([, { build }]) => build !== undefined);
const oneShots = services.filter(([, { restart }]) => restart === 'no').map(([name]) => name);

function serviceOf(name: string): Service {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

function stageOf(name: string | undefined): Stage {
  const found = stages.find((stage) => stage.name === name);
  if (found === undefined) throw new Error(`the Dockerfile has no stage ${name ?? ''}`);
  return found;
}

/** The words a service starts its program with. */
const wordsOf = ({ entrypoint = [], command = [] }: Service): string[] => [
  ...entrypoint,
  ...command,
];

describe('docker-compose.yml', () => {
  test('names what is wrong in it: an unknown key, a missing limit', () => {
    const text = textOf('docker-compose.yml');
    expect(() => parseCompose(text.replace('profiles: [cli]', 'privileged: true'))).toThrow(
      /privileged/,
    );
    expect(() => parseCompose(text.replace('mem_limit: 1g', ''))).toThrow(/mem_limit/);
  });

  test.each(services)('%s refers only to what is declared', (_name, service) => {
    const networks = Object.keys(compose.networks);
    expect(networks).toEqual(expect.arrayContaining(service.networks));
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(service.secrets));
    const configs = service.configs.map(({ source }) => source);
    expect(Object.keys(compose.configs)).toEqual(expect.arrayContaining(configs));
    for (const { source } of mountsOf(service)) {
      if (source.startsWith('./')) expect(existsSync(pathOf(source))).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  test.each(services)('%s waits for what can come: health or an end', (_name, service) => {
    for (const [needed, { condition }] of Object.entries(service.depends_on)) {
      const { healthcheck } = serviceOf(needed);
      if (condition === 'service_healthy') expect(healthcheck).toBeDefined();
      else expect(oneShots).toContain(needed);
    }
  });

  test('nothing is declared that nobody uses', () => {
    const all = services.map(([, service]) => service);
    const used = {
      networks: all.flatMap(({ networks }) => networks),
      volumes: all.flatMap((service) => mountsOf(service).map(({ source }) => source)),
      configs: all.flatMap(({ configs }) => configs.map(({ source }) => source)),
      secrets: all.flatMap(({ secrets }) => secrets),
    };
    for (const [kind, names] of Object.entries(used)) {
      const declared = Object.keys(compose[kind as keyof typeof used]);
      expect({ kind, unused: declared.filter((name) => !names.includes(name)) }).toEqual({
        kind,
        unused: [],
      });
    }
  });

  test.each(services)('%s can do no more than it must', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      init: true,
    });
    const user = service.user ?? lastOf(stageOf(service.build?.target), 'USER');
    expect(user).toMatch(/^([1-9]\d*:[1-9]\d*|node)$/);
  });

  test.each(services)('%s is published on loopback only, if at all', (_name, { ports }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('no two services want one port of the machine', () => {
    const ports = services.flatMap(([, service]) =>
      service.ports.map((port) => port.split(':').at(1)),
    );
    expect(new Set(ports).size).toBe(ports.length);
  });

  test.each(services)('%s is of a pinned version', (_name, { image }) => {
    expect(image).toMatch(/^[a-z/-]+:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  test('everything that stays up is looked at, and started again', () => {
    for (const [name, service] of services) {
      if (oneShots.includes(name) || service.profiles !== undefined) continue;
      expect({ name, ...service }).toMatchObject({ name, restart: 'unless-stopped' });
      expect({ name, healthcheck: service.healthcheck }).toHaveProperty('healthcheck.test');
    }
  });

  test('the database is out of reach of the shop and the monitors, and of the machine', () => {
    expect(compose.networks['storage']).toEqual({ internal: true });
    expect(serviceOf('postgresql').ports).toEqual([]);
    for (const name of ['shop', 'prometheus', 'alertmanager', 'temporal-ui']) {
      expect(serviceOf(name).networks).not.toContain('storage');
    }
  });
});

describe('secrets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-secrets-'));
  const written = writeSecrets(folder);
  const valueOf = (name: string): string => readFileSync(join(folder, name), 'utf8');

  test('every secret that is mounted is one that the script writes', () => {
    const files = Object.values(compose.secrets).map(({ file }) =>
      file.replace('./deploy/secrets/', ''),
    );
    expect(written.toSorted()).toEqual(files.toSorted());
  });

  test('the folder is closed to others, git and images; what is there is never replaced', () => {
    const before = valueOf('alert-token');
    expect(writeSecrets(folder)).toEqual([]);
    expect(valueOf('alert-token')).toBe(before);
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(textOf('.gitignore').split('\n')).toContain('deploy/secrets/');
    expect(isInContext('deploy/secrets/alert-token')).toBe(false);
  });

  test('the notary gets a key that it can sign with, and whoever verifies its public half', () => {
    const envOf = (name: string) => parseEnv(valueOf(name));
    const { environment } = serviceOf('notary');
    const settings = readNotarySettings({
      ...environment,
      ...envOf('database.env'),
      ...envOf('notary.env'),
    });
    const { BELAY_NOTARY_PUBLIC_KEY: verifier } = envOf('cli.env');
    expect(verifierKeyText(settings.key)).toBe(verifier);
    expect(Object.keys(envOf('cli.env'))).not.toContain('BELAY_NOTARY_KEY');
    expect(mountsOf(serviceOf('notary'))).toContainEqual({
      source: 'checkpoints',
      target: '/var/lib/checkpoints',
    });
  });

  test('the supervised side gets a hash of its password, and nobody a password in docker-compose.yml', () => {
    expect(valueOf('supervisor.conf')).not.toContain(valueOf('supervisor-password'));
    expect(textOf('docker-compose.yml')).not.toMatch(/:\/\/[^/\s]+:[^/\s]+@|PASSWORD: /);
    rmSync(folder, { recursive: true });
  });
});

describe("Belay's processes in docker-compose.yml", () => {
  const processes = ours.filter(([name]) => name !== 'shop' && name !== 'belay');

  test('are those that exist', () => {
    const entries = readdirSync(pathOf('workers')).filter((file) =>
      /\nif \(isMain/.test(file.endsWith('.ts') ? textOf(`workers/${file}`) : ''),
    );
    const started = processes.map(([, service]) => wordsOf(service).at(-1));
    const apart = entries.filter((file) => file !== 'engine.ts'); // both in one, for one machine
    expect(started.toSorted()).toEqual(
      apart.map((file) => `dist/workers/${file.replace('.ts', '.js')}`).toSorted(),
    );
  });

  test.each(processes)(
    '%s gets only settings that are known, and they are right',
    (_name, made) => {
      const source = textOf('workers/settings.ts');
      const notary = textOf('workers/notary/settings.ts').match(/BELAY_NOTARY_[A-Z]+/g) ?? [];
      const derived = [settingOf('alertmanager', 'tokens'), settingOf('alertmanager', 'basic')];
      const known = [...source.matchAll(/^ {2}([A-Z_]+):/gm)]
        .map(([, setting = '']) => setting)
        .concat(
          derived,
          derived.map((setting) => `${setting}_FILE`),
          notary,
        );
      expect(known).toEqual(expect.arrayContaining(Object.keys(made.environment)));
      const tokens = { BELAY_ALERTMANAGER_TOKENS_FILE: '', BELAY_ALERTMANAGER_TOKENS: 'one' };
      const settings = readSettings({
        ...made.environment,
        DATABASE_URL: 'postgres://belay:x@postgresql:5432/belay',
        ...tokens,
      });
      expect(settings.temporal).toEqual({ address: 'temporal:7233', namespace: 'default' });
      expect(settings.intake.host).toBe('0.0.0.0');
    },
  );

  test('everything a setting names is mounted there', () => {
    const { environment, secrets } = serviceOf('intake');
    expect(secrets.map((name) => `/run/secrets/${name}`)).toContain(
      environment['BELAY_ALERTMANAGER_TOKENS_FILE'],
    );
    const worker = serviceOf('remediation');
    const mounted = [...mountsOf(worker), ...worker.configs].map(({ target }) => target);
    const { BELAY_TARGETS_FILE, BELAY_STATE_FOLDER, BELAY_POLICY_FILE } = worker.environment;
    expect(mounted).toContain(BELAY_TARGETS_FILE);
    expect(mounted).toContain(BELAY_STATE_FOLDER);
    expect(BELAY_POLICY_FILE).toBe('/etc/belay/policies/services.yaml');
    expect(mountsOf(worker)).toContainEqual({
      source: './policies',
      target: '/etc/belay/policies',
    });
    expect(existsSync(pathOf('policies/services.yaml'))).toBe(true);
    for (const [, service] of ours) {
      for (const word of wordsOf(service).filter((part) => part.startsWith('--env-file='))) {
        const secret = word.replace('--env-file=/run/secrets/', '');
        expect(service.secrets).toContain(secret);
      }
    }
  });

  test('the CLI records the person at the machine, not the user of the container', () => {
    expect(serviceOf('belay').environment).toMatchObject({ BELAY_PERSON: '${USER:-}' });
  });

  test('the worker and the shop share the file with the retries, as one user', () => {
    const users = ['belay', 'shop'].map((name) => lastOf(stageOf(name), 'USER'));
    expect(users).toEqual(['node', 'node']);
    for (const name of ['remediation', 'shop']) {
      expect(mountsOf(serviceOf(name))).toContainEqual({
        source: 'shop-config',
        target: '/etc/shop',
      });
    }
    expect(textOf('Dockerfile')).toContain('--chown=node:node deploy/shop/shop.json /etc/shop/');
  });
});

/** Whether .dockerignore lets a path into the build; ours leaves everything out and lists what it lets in. */
function isInContext(path: string): boolean {
  const lines = textOf('.dockerignore').split('\n');
  expect(lines.find((line) => line !== '' && !line.startsWith('#'))).toBe('*');
  return lines
    .filter((line) => line.startsWith('!'))
    .some((line) => `${path}/`.startsWith(`${line.slice(1)}/`));
}

describe('the Dockerfile', () => {
  test('every target that is built has its own user, health check and program', () => {
    for (const [, { build }] of ours) {
      const stage = stageOf(build?.target);
      expect(lastOf(stage, 'USER')).toBe('node');
      expect(lastOf(stage, 'HEALTHCHECK')).toContain('CMD ["node", "scripts/deploy/healthy.mjs"');
      expect(lastOf(stage, 'CMD')).toMatch(/^\["/);
      expect(stage.instructions.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
        stage.instructions.findLastIndex(({ word }) => word === 'COPY'),
      );
    }
    expect(stages.at(-1)?.name).toBe('belay');
  });

  test('every stage stands on a pinned Debian with Node, or on a stage before it', () => {
    const before = new Set<string>();
    for (const { name, from } of stages) {
      if (!before.has(from)) expect(from).toMatch(/^node:22\.\d+\.\d+-bookworm-slim$/);
      before.add(name);
    }
  });

  test.each(stages.flatMap((stage) => copiesOf(stage).map((copy) => [stage.name, copy] as const)))(
    'what %s copies is there: %j',
    (_name, { from, sources }) => {
      for (const source of sources) {
        if (from !== undefined) expect(stageOf(from).from).toBe('base');
        else expect([source, existsSync(pathOf(source)), isInContext(source)]).toContain(true);
        if (from === undefined) expect(isInContext(source)).toBe(true);
      }
    },
  );

  test('the programs it starts are built: the processes, the CLI and the shop', () => {
    const paths = services
      .flatMap(([, service]) => wordsOf(service))
      .concat(textOf('deploy/shop/supervisord.conf').match(/dist\/\S+\.js/g) ?? [])
      .filter((word) => word.startsWith('dist/'));
    expect(paths.length).toBeGreaterThan(4);
    for (const path of paths) {
      const source = path.replace(/^dist\//, '').replace(/\.js$/, '.ts');
      expect([source, existsSync(pathOf(source))]).toEqual([source, true]);
    }
  });
});

describe('the files in deploy/', () => {
  test('every file that is mounted is there', () => {
    for (const { file } of Object.values(compose.configs)) {
      expect([file, existsSync(pathOf(file))]).toEqual([file, true]);
    }
  });

  test("targets.yaml is a targets file, and names the compose file's services", () => {
    const targets = parseTargets(textOf('deploy/targets.yaml'), 'targets.yaml');
    const urls = [
      ...Object.values(targets.supervisors).map(({ url }) => url),
      ...Object.values(targets.services).flatMap(({ setting, probeUrl }) => [
        setting?.reloadUrl,
        probeUrl,
      ]),
      ...Object.values(targets.monitors),
    ];
    expect(urls).toHaveLength(5);
    for (const url of urls) {
      expect(serviceOf(new URL(url ?? '').hostname).networks).toContain('monitoring');
    }
    expect(targets.services['shop']?.process?.host).toBe(Object.keys(targets.supervisors)[0]);
  });

  test("the rules and the shop's settings are the demo's", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'belay-rules-'));
    const ports = { supervisord: 1, shop: 2, payments: 3, alertmanager: 4 };
    const supervisor = { username: 'a', password: 'b' };
    const webhook = { url: 'http://127.0.0.1:5/', token: 'c' };
    await writeShopFiles({ folder, programFolder: folder, ports, webhook, supervisor });
    const demo = readFileSync(shopFilesIn(folder).rulesYml, 'utf8');
    rmSync(folder, { recursive: true });
    expect(parse(textOf('deploy/rules.yml'))).toEqual(parse(demo));
    expect(textOf('deploy/shop/shop.json')).toBe(shopJson);
  });

  test('the shop keeps to what supervisord knows, and comes back only when it is brought back', () => {
    const conf = textOf('deploy/shop/supervisord.conf');
    const programs = conf.split(/^\[program:/m).slice(1);
    expect(programs.map((text) => text.slice(0, text.indexOf(']')))).toEqual(['payments', 'shop']);
    for (const text of programs) {
      expect(text).toMatch(/^autorestart=false$/m);
      expect(text).toMatch(/^command=node \/app\/dist\/\S+ --host 0\.0\.0\.0 --port \d+/m);
    }
    const lines = conf.split('\n').filter((line) => line !== '' && !line.startsWith(';'));
    for (const line of lines) expect(line).toMatch(/^(\[[a-z_]+(:[a-z]+)?\]|[a-z_.]+=\S.*)$/);
  });

  test('Temporal gets the search attributes and the tuning that belay up gives it', () => {
    const script = textOf('deploy/temporal/namespace.sh');
    const [, names = ''] = /^attributes="([^"]*)"$/m.exec(script) ?? [];
    expect(names.split(' ')).toEqual(Object.keys(runSearchAttributes));
    const flags = tunedFlags.filter((flag) => flag.includes('='));
    const tuning = parse(textOf('deploy/temporal/dynamic-config.yaml')) as Record<
      string,
      { value: unknown }[]
    >;
    const set = Object.entries(tuning).map(([key, [first]]) => `${key}=${String(first?.value)}`);
    expect(set.toSorted()).toEqual(flags.toSorted());
  });

  test.each(['schema', 'server', 'namespace'])('%s.sh is a script that sh can read', (name) => {
    const { status, stderr } = spawnSync('sh', ['-n', pathOf(`deploy/temporal/${name}.sh`)]);
    expect([status, stderr.toString()]).toEqual([0, '']);
  });

  accepted('promtool', ['check', 'config', 'deploy/prometheus.yml']);
  accepted('amtool', ['check-config', 'deploy/alertmanager.yml']);
});

/** By the program's own check where there is one. */
function accepted(program: string, args: string[]): void {
  const title = `${args.at(-1) ?? ''} is accepted by ${program}`;
  if (spawnSync(program, ['--version']).error !== undefined) {
    test(`skipped, no ${program}: ${title}`, () => undefined);
    return;
  }
  test(title, () => {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd: pathOf('.') });
    expect([status, `${stdout.toString()}${stderr.toString()}`]).toEqual([
      0,
      expect.stringMatching(/success/i),
    ]);
  });
}
