/** Doors and what stands at them, on the intake's own server without a database: order, replays, closed doors, TLS, wrong secrets. */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import { alertmanager } from '../../activities/senders/alertmanager.js';
import type { Sender } from '../../activities/senders/sender.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import type { Door } from '../../workers/intake/entrance.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { Unavailable } from '../../workers/intake/refusal.js';
import { createReplayCache, replayKeyOf } from '../../workers/intake/replay-cache.js';
import { bearer } from '../../workers/intake/schemes/bearer.js';
import { mutualTls } from '../../workers/intake/schemes/mutual-tls.js';
import type { Scheme } from '../../workers/intake/schemes/scheme.js';
import { standardWebhooks } from '../../workers/intake/schemes/standard-webhooks.js';
import { urlToken } from '../../workers/intake/schemes/url-token.js';
import { createServer } from '../../workers/intake/server.js';
import type { ServerParts } from '../../workers/intake/server.js';
import { subjectOf, tlsOptionsOf } from '../../workers/intake/tls.js';
import { createWrongSecrets } from '../../workers/intake/wrong-secrets.js';
import { createMetrics } from '../../workers/metrics.js';
import { SettingsError } from '../../workers/settings.js';
import { certificate } from '../support/certificate.js';
import { groupOf, quietLog, temporaryFolder } from '../support/intake.js';
import { standardItem } from '../support/signing.js';

const folder = temporaryFolder('entrance');
const whsec = `whsec_${Buffer.alloc(32, 's').toString('base64')}`;
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});
afterAll(() => folder.remove());

function doorOf(source: string, ...locks: readonly [Scheme, string][]): Door {
  const sender: Sender = { source, parse: (raw) => alertmanager.parse(raw) };
  const pairs = locks.map(([scheme, secret]) => ({ scheme, secrets: [secret] }));
  return { sender, authentication: createAuthentication(pairs) };
}

interface Rig {
  readonly url: string;
  readonly committed: string[];
  readonly seen: string[];
  readonly log: ReturnType<typeof quietLog>;
  readonly metricsText: () => Promise<string>;
}

async function listening(doors: readonly Door[], parts: Partial<ServerParts> = {}): Promise<Rig> {
  const metrics = createMetrics('test');
  const log = quietLog();
  const committed: string[] = [];
  const seen: string[] = [];
  const server = createServer({
    doors,
    closed: {},
    tls: null,
    instruments: createInstruments(metrics),
    log,
    commit: (alerts) => {
      committed.push(...alerts.map(({ fingerprint }) => fingerprint));
      return Promise.resolve();
    },
    keep: () => Promise.reject(new Error('nothing is kept here')),
    unready: () => Promise.resolve(null),
    wrongSecrets: { seen: (source, why) => seen.push(`${source} ${why}`) },
    metricsText: () => metrics.text(),
    ...parts,
  });
  closers.push(async () => server.close());
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, committed, seen, log, metricsText: () => metrics.text() };
}

const group = JSON.stringify(groupOf({ fingerprint: 'a' }));

function signedHeaders(body: string, id: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  return {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': standardItem(whsec, { id, timestamp, body }),
  };
}

async function post(url: string, headers: Record<string, string>, body = group) {
  const response = await fetch(url, { method: 'POST', headers, body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a door that signs', () => {
  const door = (): Door => doorOf('generic', [standardWebhooks, whsec], [bearer, 'a-token']);

  test('lets in what is signed, and what shows a token', async () => {
    const { url, committed } = await listening([door()]);
    const at = `${url}/v1/alerts/generic`;
    expect((await post(at, signedHeaders(group, 'm1'))).status).toBe(202);
    const token = { authorization: 'Bearer a-token', 'content-type': 'application/json' };
    expect((await post(at, token)).status).toBe(202);
    expect(committed).toEqual(['a', 'a']);
  });

  test('judges nothing of a body that is not signed', async () => {
    const { url, seen, committed } = await listening([door()]);
    const at = `${url}/v1/alerts/generic`;
    const headers = signedHeaders(group, 'm1');
    for (const body of ['{', '', `${group} `, '['.repeat(100_000)]) {
      const answer = await post(at, headers, body);
      expect(answer).toMatchObject({ status: 401, body: { fix: expect.stringContaining('sign') } });
    }
    expect((await post(at, { 'content-type': 'text/plain' })).status).toBe(401);
    expect(seen).toEqual(Array<string>(4).fill('generic wrong-secret'));
    expect(committed).toEqual([]);
  });

  test('a second delivery is known, is answered as done, and does nothing', async () => {
    const { url, committed, metricsText } = await listening([door()]);
    const at = `${url}/v1/alerts/generic`;
    const headers = signedHeaders(group, 'm1');
    expect((await post(at, headers)).body).toEqual({ accepted: 1 });
    const again = await post(at, headers);
    expect(again).toEqual({ status: 200, body: { accepted: 0, replayed: true } });
    expect((await post(at, signedHeaders(group, 'm1'))).status).toBe(200);
    expect((await post(at, signedHeaders(group, 'm2'))).status).toBe(202);
    expect(committed).toEqual(['a', 'a']);
    expect(await metricsText()).toContain('belay_intake_replayed_total{source="generic"} 2');
  });

  test('a delivery that could not be committed is no replay when it comes again', async () => {
    const taken: string[] = [];
    let away = true;
    const { url } = await listening([door()], {
      commit: (alerts) => {
        if (away) return Promise.reject(new Unavailable('store-away', 'away'));
        taken.push(...alerts.map(({ fingerprint }) => fingerprint));
        return Promise.resolve();
      },
    });
    const headers = signedHeaders(group, 'm1');
    expect((await post(`${url}/v1/alerts/generic`, headers)).status).toBe(503);
    away = false;
    expect((await post(`${url}/v1/alerts/generic`, headers)).status).toBe(202);
    expect(taken).toEqual(['a']);
  });

  test('an id that is used again for another body loses nothing', async () => {
    const { url, committed } = await listening([door()]);
    const other = JSON.stringify(groupOf({ fingerprint: 'b' }));
    await post(`${url}/v1/alerts/generic`, signedHeaders(group, 'm1'));
    await post(`${url}/v1/alerts/generic`, signedHeaders(other, 'm1'), other);
    expect(committed).toEqual(['a', 'b']);
  });
});

test('a scheme that cannot tell now makes the sender come again', async () => {
  const unsure: Scheme = {
    name: 'unsure',
    signsBody: true,
    verify: () => Promise.reject(new Unavailable('certificate-away', 'not now')),
    fix: 'wait',
  };
  const { url } = await listening([doorOf('generic', [unsure, 'x'])]);
  const answer = await post(`${url}/v1/alerts/generic`, { 'content-type': 'application/json' });
  expect(answer).toMatchObject({ status: 503, body: { error: 'not now' } });
});

test('a source without a secret has no door, and its path says which setting would open it', async () => {
  const closed = { grafana: 'BELAY_GRAFANA_SECRETS' };
  const { url, metricsText } = await listening([doorOf('generic', [bearer, 'x'])], { closed });
  const answer = await post(`${url}/v1/alerts/grafana`, { authorization: 'Bearer x' });
  expect(answer).toMatchObject({
    status: 404,
    body: { fix: expect.stringContaining('BELAY_GRAFANA_SECRETS') },
  });
  expect(await metricsText()).toContain(
    'belay_intake_refused_total{source="grafana",why="no-door"} 1',
  );
});

test('a token in the URL is nowhere but in the URL', async () => {
  const secret = 'token-of-the-url';
  const { url, log } = await listening([doorOf('gcp-monitoring', [urlToken, secret])], {
    commit: () => Promise.reject(new Error('a bug')),
  });
  const path = `${url}/v1/alerts/gcp-monitoring`;
  const headers = { 'content-type': 'application/json' };
  const answers = [
    await post(`${path}?token=${secret}`, headers),
    await post(`${path}?token=${secret}&token=${secret}`, headers),
    await post(`${path}/x?token=${secret}`, headers),
    await post(`${path}/%zz?token=${secret}`, headers),
    await post(`${path}?token=${secret}`, headers, '{'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([503, 401, 404, 404, 400]);
  expect(log.lines).toHaveLength(1);
  expect(JSON.stringify([answers, log.lines])).not.toContain(secret);
});

test('a second Authorization header is not dropped in silence', async () => {
  const { url, committed } = await listening([doorOf('generic', [bearer, 'a-token'])]);
  const { hostname, port } = new URL(url);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        'POST /v1/alerts/generic HTTP/1.1\r\nHost: x\r\nConnection: close\r\n' +
          'Authorization: Bearer a-token\r\nAuthorization: Bearer other\r\n' +
          `Content-Type: application/json\r\nContent-Length: ${group.length}\r\n\r\n${group}`,
      ),
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
  expect(committed).toEqual([]);
});

describe('TLS', () => {
  const nowMs = Date.now();
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const caName = [['CN', 'Acme CA']] as const;
  const made = (name: string, by = ca.privateKey, validToMs = nowMs + 3_600_000) => {
    const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const cert = certificate({
      subject: [
        ['O', 'Acme'],
        ['CN', name],
      ],
      publicKey: keys.publicKey,
      issuer: { subject: caName, privateKey: by },
      validFromMs: nowMs - 3_600_000,
      validToMs,
    });
    return { cert, key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  };
  const caPem = certificate({
    subject: caName,
    publicKey: ca.publicKey,
    issuer: { subject: caName, privateKey: ca.privateKey },
    validFromMs: nowMs - 3_600_000,
    validToMs: nowMs + 3_600_000,
    isCa: true,
  });
  const file = (name: string, text: string): string => {
    writeFileSync(`${folder.path}/${name}`, text);
    return `${folder.path}/${name}`;
  };
  const server = made('belay');
  const files = {
    certFile: file('cert.pem', server.cert),
    keyFile: file('key.pem', server.key),
    clientCaFile: file('ca.pem', caPem),
  };

  function posted(url: string, client: { cert?: string; key?: string }): Promise<number> {
    const target = new URL('/v1/alerts/generic', url.replace(/^http:/, 'https:'));
    const headers = { 'content-type': 'application/json' };
    return new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, ca: caPem, agent: false as const, ...client };
      const request = httpsRequest(target, options, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode ?? 0));
      });
      request.on('error', reject);
      request.end(group);
    });
  }

  test('a client certificate of ours that is listed is let in, every other and none is not', async () => {
    const listed = made('alertmanager');
    const { fingerprint256 } = new X509Certificate(made('other').cert);
    const door = doorOf(
      'generic',
      [mutualTls, '/O=Acme/CN=alertmanager'],
      [mutualTls, fingerprint256],
    );
    const { url, committed, seen } = await listening([door], { tls: tlsOptionsOf(files) });
    const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(await posted(url, listed)).toBe(202);
    expect(await posted(url, made('somebody'))).toBe(401);
    expect(await posted(url, made('alertmanager', foreign.privateKey))).toBe(401);
    expect(await posted(url, made('alertmanager', ca.privateKey, nowMs - 1_000))).toBe(401);
    expect(await posted(url, {})).toBe(401);
    expect(committed).toEqual(['a']);
    expect(seen).toEqual(Array<string>(3).fill('generic wrong-secret'));
  });

  test('without a client CA no certificate is asked for and none is believed', async () => {
    const door = doorOf('generic', [mutualTls, '/O=Acme/CN=alertmanager']);
    const tls = tlsOptionsOf({ ...files, clientCaFile: null });
    const { url } = await listening([door], { tls });
    expect(await posted(url, made('alertmanager'))).toBe(401);
  });

  test('files that are not there or do not belong together are named', () => {
    const missing = { ...files, keyFile: `${folder.path}/none.pem` };
    expect(() => tlsOptionsOf(missing)).toThrow(
      /BELAY_INTAKE_TLS_KEY_FILE names a file that cannot be read/,
    );
    const foreign = { ...files, keyFile: file('foreign.pem', made('x').key) };
    expect(() => tlsOptionsOf(foreign)).toThrow(SettingsError);
  });

  test('a subject that could be read in two ways is none', () => {
    expect(subjectOf('O=Acme\nCN=alertmanager')).toBe('/O=Acme/CN=alertmanager');
    expect(subjectOf('CN=a=b')).toBe('/CN=a=b');
    for (const lines of [
      'O=Acme/CN=alertmanager',
      'CN=a\\0AO=b',
      'O=a + CN=b',
      '',
      'a',
      undefined,
    ]) {
      expect([lines, subjectOf(lines)]).toEqual([lines, null]);
    }
  });
});

describe('the replay cache', () => {
  test('forgets after its time and keeps the newest within its size', () => {
    const cache = createReplayCache({ sizeMax: 3, keptMs: 100 });
    cache.add('a', 0);
    expect([cache.has('a', 99), cache.has('a', 100), cache.has('b', 0)]).toEqual([
      true,
      false,
      false,
    ]);
    for (const key of ['b', 'c', 'd', 'e']) cache.add(key, 50);
    expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.has(key, 60))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
    cache.add('f', 200);
    expect(cache.size()).toBe(1);
  });

  test('tells deliveries apart by id and body, however the two are cut', () => {
    const keys = [
      replayKeyOf('a', Buffer.from('bc')),
      replayKeyOf('ab', Buffer.from('c')),
      replayKeyOf('a', Buffer.from('bd')),
    ];
    expect(new Set(keys).size).toBe(3);
  });
});

describe('wrong secrets', () => {
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  test('the first is told at once, the rest as a number, then silence ends it', async () => {
    const lines: string[] = [];
    const watch = createWrongSecrets({
      everyMs: 50,
      log: quietLog(),
      write: ({ says }) => Promise.resolve(void lines.push(says)),
    });
    watch.seen('grafana', 'wrong-secret');
    watch.seen('github', 'stale');
    expect(lines).toEqual([
      '1 request to grafana turned away: a secret that is not in use',
      '1 request to github turned away: an old timestamp',
    ]);
    for (let n = 0; n < 1_000; n += 1) watch.seen('grafana', 'wrong-secret');
    expect(lines).toHaveLength(2);
    await pause(80);
    expect(lines.slice(2)).toEqual([
      '1000 requests to grafana turned away: a secret that is not in use',
    ]);
    await pause(80);
    watch.seen('grafana', 'wrong-secret');
    expect(lines).toHaveLength(4);
    await watch.stop();
  });

  test('what the ledger did not take is told with the next, and at the end', async () => {
    const details: unknown[] = [];
    let away = true;
    const watch = createWrongSecrets({
      log: quietLog(),
      write: ({ detail }) =>
        away ? Promise.reject(new Error('away')) : Promise.resolve(void details.push(detail)),
    });
    watch.seen('grafana', 'wrong-secret');
    await pause(1);
    watch.seen('grafana', 'stale');
    away = false;
    await watch.stop();
    expect(details).toEqual([{ source: 'grafana', wrongSecret: 1, stale: 1 }]);
  });
});
