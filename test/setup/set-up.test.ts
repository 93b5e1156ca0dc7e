/** The set-up as a user meets it: a child process with its own cache folder and PATH; it reaches no network here. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { install } from '../../scripts/setup/cache.mjs';
import { requireNode } from '../../scripts/setup/node-packages.mjs';

const main = join(import.meta.dirname, '../../scripts/setup/main.mjs');
let folder = '';
let cache = '';
let programs = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'belay-set-up-'));
  cache = join(folder, 'cache');
  programs = join(folder, 'bin');
  mkdirSync(programs);
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly exitCode: number | null;
  readonly said: string;
}

/** A proxy that nobody listens on keeps every download from succeeding, on any machine. */
function setUp(words: string[], env: Record<string, string> = {}): Promise<Ended> {
  const closed = 'http://127.0.0.1:1';
  const child = spawn(process.execPath, [main, ...words], {
    env: { PATH: programs, BELAY_CACHE: cache, HTTPS_PROXY: closed, HTTP_PROXY: closed, ...env },
  });
  let said = '';
  const keep = (chunk: Buffer) => (said += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, said });
    });
  });
}

function put(name: string): string {
  const path = join(programs, name);
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

const found = () => JSON.parse(readFileSync(join(cache, 'servers.json'), 'utf8')) as unknown;

describe('the set-up', () => {
  test('takes the Temporal that TEMPORAL_ADDRESS names before the one on PATH', async () => {
    put('temporal');
    const ended = await setUp(['temporal'], { TEMPORAL_ADDRESS: 'temporal.example:7233' });
    expect(ended.exitCode).toBe(0);
    expect(found()).toEqual({ temporal: { address: 'temporal.example:7233' } });
  });

  test('takes a program on PATH before it builds one, and says so in one line', async () => {
    const path = put('temporal');
    put('go');
    const ended = await setUp(['temporal']);
    expect(ended.said).toMatch(/^· temporal … found: temporal on PATH \(\d+\.\d s\)$/m);
    expect(found()).toEqual({ temporal: { path } });
  });

  test('ends with one error that names all four ways when there is no Temporal', async () => {
    const ended = await setUp(['temporal']);
    expect(ended.exitCode).toBe(1);
    for (const way of [
      'TEMPORAL_ADDRESS',
      'on PATH',
      'SDK download it',
      'go install github.com/',
    ]) {
      expect(ended.said).toContain(way);
    }
    expect(readdirSync(cache)).toEqual(['servers.json']);
  });

  test('never uses a program whose build failed half-way', async () => {
    writeFileSync(join(programs, 'go'), '#!/bin/sh\necho half > "$GOBIN/temporal"\nexit 1\n');
    chmodSync(join(programs, 'go'), 0o755);
    const ended = await setUp(['temporal']);
    expect(ended.exitCode).toBe(1);
    expect(ended.said).toContain('go ended with exit code 1');
    expect(readdirSync(cache)).toEqual(['servers.json']);
  });

  test('lists what is not indispensable as absent with the reason, and does not try again at once', async () => {
    const first = await setUp(['test-server', 'supervisord']);
    expect(first.exitCode).toBe(0);
    expect(found()).toMatchObject({
      testServer: { absent: expect.stringContaining('mvn and java are not on PATH') },
      supervisord: { absent: expect.stringContaining('python3 is not on PATH') },
    });
    const second = await setUp(['test-server']);
    expect(first.said).toContain('test-server … trying');
    expect(second.said).toContain('test-server … absent');
    expect(second.said).not.toContain('test-server … trying');
    const path = put('temporal-test-server');
    await setUp(['test-server']);
    expect(found()).toMatchObject({ testServer: { path } });
  });

  test('keeps the name and never the value of DATABASE_URL', async () => {
    await setUp(['postgres'], { DATABASE_URL: 'postgres://belay:sesame@db.example/belay' });
    expect(found()).toEqual({ postgres: { address: 'DATABASE_URL' } });
  });

  test('names what there is when it is asked for something unknown', async () => {
    const ended = await setUp(['temporall']);
    expect(ended.exitCode).toBe(1);
    expect(ended.said).toMatch(/"temporall" is nothing that can be set up; there is: .*temporal/);
  });

  test('lets two run at once: one waits for the other, both end well', async () => {
    const slow = '#!/bin/sh\n/bin/sleep 1\nprintf "#!/bin/sh\\n" > "$GOBIN/temporal"\n';
    writeFileSync(join(programs, 'go'), `${slow}/bin/chmod 755 "$GOBIN/temporal"\n`);
    chmodSync(join(programs, 'go'), 0o755);
    const [one, other] = await Promise.all([setUp(['temporal']), setUp(['temporal'])]);
    expect([one.exitCode, other.exitCode]).toEqual([0, 0]);
    expect(`${one.said}${other.said}`.match(/… building with go/g)).toHaveLength(1);
    expect(`${one.said}${other.said}`).toContain('another set-up works in');
    expect(readdirSync(cache).sort()).toEqual(['servers.json', 'temporal-1.5.1']);
  });

  test('takes over the lock of one that died, and clears what it left unfinished', async () => {
    const dead = spawn('/bin/true');
    await new Promise((resolve) => dead.once('exit', resolve));
    mkdirSync(join(cache, 'unfinished-abc'), { recursive: true });
    writeFileSync(join(cache, 'lock'), String(dead.pid));
    put('temporal');
    expect((await setUp(['temporal'])).exitCode).toBe(0);
    expect(readdirSync(cache)).toEqual(['servers.json']);
  });
});

describe('an installation', () => {
  test('that throws leaves what was there before as it was', async () => {
    const given = process.env['BELAY_CACHE'];
    process.env['BELAY_CACHE'] = cache;
    const write = (text: string) => (at: string) => {
      writeFileSync(join(at, 'program'), text);
      return text === 'broken' ? Promise.reject(new Error('half-way')) : Promise.resolve();
    };
    try {
      await install('tool', write('whole'));
      await expect(install('tool', write('broken'))).rejects.toThrow('half-way');
    } finally {
      delete process.env['BELAY_CACHE'];
      if (given !== undefined) process.env['BELAY_CACHE'] = given;
    }
    expect(readFileSync(join(cache, 'tool', 'program'), 'utf8')).toBe('whole');
    expect(readdirSync(cache)).toEqual(['tool']);
    expect(existsSync(join(cache, 'lock'))).toBe(false);
  });
});

describe('Node', () => {
  test.each(['18.20.8', '20.18.3', '25.0.0'])(
    '%s is refused with the versions that do',
    (version) => {
      expect(() => {
        requireNode(version);
      }).toThrow(`Belay needs Node 20.19 to 24; this is ${version}`);
    },
  );

  test.each(['20.19.0', '22.12.0', '24.9.1'])('%s is taken', (version) => {
    expect(() => {
      requireNode(version);
    }).not.toThrow();
  });
});
