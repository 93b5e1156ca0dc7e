/**
 * Azure Monitor's secure webhook: tokens as Entra signs them, made here with node:crypto, and the keys of a tenant on a real
 * HTTP server on the loopback. What is wrong in any one way is turned away; keys that cannot be had are a 503.
 */
import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { senderOf } from '../../activities/senders/index.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { createSchemes } from '../../workers/intake/schemes/index.js';
import { createEntra } from '../../workers/intake/schemes/entra.js';
import { createEntraKeys, fetchKeysFrom } from '../../workers/intake/schemes/entra-keys.js';
import { createServer } from '../../workers/intake/server.js';
import { createMetrics } from '../../workers/metrics.js';
import { readSettings, SettingsError } from '../../workers/settings.js';
import { quietLog } from '../support/intake.js';
import { nowMs, shown } from '../support/signing.js';

const tenant = '72f988bf-0000-4000-8000-2d7cd011db47';
const other = '11111111-0000-4000-8000-2d7cd011db47';
const audience = 'api://belay';
const applications = [`${tenant}/${audience}`];
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const next = generateKeyPairSync('rsa', { modulusLength: 2048 });
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 });

const jwk = (key: KeyObject, kid: string) => ({
  ...key.export({ format: 'jwk' }),
  kid,
  use: 'sig',
});

let keysServer: Server;
let authority = '';
/** What the tenant's place answers, and how often it was asked for what. */
let answer: { status: number; body: string };
let asked: string[] = [];

beforeAll(async () => {
  keysServer = createHttpServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => keysServer.listen(0, '127.0.0.1', resolve));
  authority = `http://127.0.0.1:${(keysServer.address() as AddressInfo).port}`;
});
afterAll(() => {
  keysServer.closeAllConnections();
  return new Promise((resolve) => keysServer.close(resolve));
});
beforeEach(() => {
  asked = [];
  answers([jwk(pair.publicKey, 'one')]);
});

function answers(keys: readonly object[], status = 200): void {
  answer = { status, body: JSON.stringify({ keys }) };
}

const atSeconds = nowMs / 1000;
const good = {
  iss: `https://sts.windows.net/${tenant}/`,
  aud: audience,
  tid: tenant,
  iat: atSeconds - 60,
  nbf: atSeconds - 60,
  exp: atSeconds + 3600,
  appid: '461e8683-5575-4561-ac7f-899cc907d62a',
  roles: ['ActionGroupsSecureWebhook'],
};
const head = { typ: 'JWT', alg: 'RS256', kid: 'one' };

interface Minted {
  readonly claims?: object;
  readonly header?: object;
  readonly key?: KeyObject;
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenOf({ claims = {}, header = {}, key = pair.privateKey }: Minted = {}): string {
  const text = `${part({ ...head, ...header })}.${part({ ...good, ...claims })}`;
  return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`;
}

const bearing = (token: string) => shown({ authorization: `Bearer ${token}` });
const scheme = () => createEntra(fetchKeysFrom(authority));
const verdict = (token: string, list: readonly string[] = applications) =>
  Promise.resolve(scheme().verify(bearing(token), list));

describe('a token of Entra', () => {
  test('for our application, of our tenant, to Azure, signed by the tenant, is let in: version 1 and 2', async () => {
    expect(await verdict(tokenOf())).toBe('admitted');
    const second = {
      iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
      appid: undefined,
      azp: good.appid,
    };
    expect(await verdict(tokenOf({ claims: second }))).toBe('admitted');
    expect(await verdict(tokenOf(), [`${other}/${audience}`, ...applications])).toBe('admitted');
    expect(asked[0]).toBe(`/${tenant}/discovery/v2.0/keys`);
  });

  const unsigned = `${part({ ...head, alg: 'none' })}.${part(good)}.`;
  const [headText = '', claimText = '', signature = ''] = tokenOf().split('.');
  const pem = pair.publicKey.export({ type: 'spki', format: 'pem' });
  const hmacText = `${part({ ...head, alg: 'HS256' })}.${part(good)}`;
  const hmac = createHmac('sha256', pem).update(hmacText).digest('base64url');
  const wrong: readonly (readonly [string, string])[] = [
    ['no algorithm', unsigned],
    ['the public key as an HMAC secret', `${hmacText}.${hmac}`],
    ['another algorithm by name', tokenOf({ header: { alg: 'RS512' } })],
    ['an order we do not know', tokenOf({ header: { crit: ['exp'] } })],
    ['no key named', tokenOf({ header: { kid: undefined } })],
    [
      'a key it brings itself',
      tokenOf({
        header: { kid: 'mine', jwk: jwk(foreign.publicKey, 'mine') },
        key: foreign.privateKey,
      }),
    ],
    ['another key', tokenOf({ key: foreign.privateKey })],
    ['another key of the same name', tokenOf({ key: next.privateKey })],
    [
      'another tenant',
      tokenOf({ claims: { tid: other, iss: `https://sts.windows.net/${other}/` } }),
    ],
    [
      'an issuer that is not its tenant',
      tokenOf({ claims: { iss: `https://sts.windows.net/${other}/` } }),
    ],
    ['an issuer that only begins so', tokenOf({ claims: { iss: `${good.iss}x` } })],
    ['another audience', tokenOf({ claims: { aud: 'https://graph.microsoft.com' } })],
    ['a list of audiences', tokenOf({ claims: { aud: [audience] } })],
    ['another application that asked for it', tokenOf({ claims: { appid: other } })],
    ['nobody that asked for it', tokenOf({ claims: { appid: undefined } })],
    ['no role', tokenOf({ claims: { roles: undefined } })],
    ['another role', tokenOf({ claims: { roles: ['Reader'] } })],
    ['no end', tokenOf({ claims: { exp: undefined } })],
    ['an end in words', tokenOf({ claims: { exp: String(good.exp) } })],
    ['no beginning', tokenOf({ claims: { nbf: undefined } })],
    [
      'other claims under the same signature',
      `${headText}.${part({ ...good, exp: good.exp + 1 })}.${signature}`,
    ],
    ['a signature that is cut', `${headText}.${claimText}.${signature.slice(0, -4)}`],
    ['no signature', `${headText}.${claimText}.`],
    [
      'a signature in plain base64',
      `${headText}.${claimText}.${Buffer.from(signature, 'base64url').toString('base64')}`,
    ],
    ['four parts', `${tokenOf()}.x`],
    ['two parts', `${headText}.${claimText}`],
    ['no JSON', `${headText}.${Buffer.from('{').toString('base64url')}.${signature}`],
    ['a claim that is there twice', twice()],
    ['more than 8 KiB', tokenOf({ claims: { more: 'x'.repeat(8192) } })],
  ];

  test.each(wrong)('with %s is turned away', async (_what, token) => {
    expect(await verdict(token)).toBe('wrong-secret');
  });

  test('of nobody we know asks nobody for keys', async () => {
    await verdict(tokenOf({ claims: { aud: 'x' } }));
    await verdict('a.b.c');
    expect(await verdict(tokenOf(), [])).toBe('wrong-secret');
    expect(asked).toEqual([]);
  });

  test.each([
    ['no header', undefined],
    ['another scheme', 'Basic abc'],
    ['two tokens', 'Bearer a b'],
  ])('is not there: %s', async (_what, authorization) => {
    expect(await scheme().verify(shown({ authorization }), applications)).toBe('no-secret');
  });

  test('counts from its beginning to its end, five minutes to either side', async () => {
    const at = (claims: object) => verdict(tokenOf({ claims }));
    expect(await at({ exp: atSeconds - 299 })).toBe('admitted');
    expect(await at({ exp: atSeconds - 300 })).toBe('stale');
    expect(await at({ nbf: atSeconds + 300 })).toBe('admitted');
    expect(await at({ nbf: atSeconds + 301 })).toBe('stale');
    expect(await verdict(tokenOf({ claims: { exp: 1 }, key: foreign.privateKey }))).toBe(
      'wrong-secret',
    );
  });
});

/** `roles` comes once more, and says something else. */
function twice(): string {
  const claims = JSON.stringify({ ...good, roles: ['Reader'] });
  const doubled = `${claims.slice(0, -1)},"roles":["ActionGroupsSecureWebhook"]}`;
  const text = `${part(head)}.${Buffer.from(doubled).toString('base64url')}`;
  return `${text}.${sign('sha256', Buffer.from(text), pair.privateKey).toString('base64url')}`;
}

describe("a tenant's keys", () => {
  const clock = { ms: 1_000_000 };
  const keys = () => createEntraKeys(fetchKeysFrom(authority), () => clock.ms);

  test('are fetched once, for many at a time, and kept for a day', async () => {
    const one = keys();
    await Promise.all(Array.from({ length: 20 }, () => one.at(tenant, 'one')));
    clock.ms += 23 * 3_600_000;
    expect(await one.at(tenant, 'one')).toBeDefined();
    expect(asked).toHaveLength(1);
    clock.ms += 2 * 3_600_000;
    answers([jwk(next.publicKey, 'two')]);
    expect(await one.at(tenant, 'one')).toBeUndefined();
    expect(asked).toHaveLength(2);
  });

  test('are asked for anew when one is not known, once, and then not for five minutes', async () => {
    const one = keys();
    await one.at(tenant, 'one');
    clock.ms += 300_000;
    answers([jwk(pair.publicKey, 'one'), jwk(next.publicKey, 'two')]);
    expect(await one.at(tenant, 'two')).toBeDefined();
    for (let n = 0; n < 50; n += 1) expect(await one.at(tenant, `forged-${n}`)).toBeUndefined();
    expect(asked).toHaveLength(2);
    clock.ms += 300_000;
    expect(await one.at(tenant, 'forged')).toBeUndefined();
    expect(asked).toHaveLength(3);
  });

  test('that cannot be had are no answer: 503, but for one that is known', async () => {
    const one = keys();
    answers([], 500);
    await expect(one.at(tenant, 'one')).rejects.toMatchObject({ why: 'keys-away' });
    await expect(one.at(tenant, 'one')).rejects.toMatchObject({ why: 'keys-away' });
    expect(asked).toHaveLength(1);
    clock.ms += 5_000;
    answers([jwk(pair.publicKey, 'one')]);
    expect(await one.at(tenant, 'one')).toBeDefined();
    clock.ms += 300_000;
    answers([], 404);
    await expect(one.at(tenant, 'two')).rejects.toMatchObject({ why: 'keys-away' });
    expect(await one.at(tenant, 'one')).toBeDefined();
    clock.ms += 24 * 3_600_000;
    await expect(one.at(tenant, 'one')).rejects.toMatchObject({ why: 'keys-away' });
  });

  test.each([
    ['no JSON', '{'],
    ['no key set', '[]'],
    ['a set without keys', '{"keys":[]}'],
    ['only keys that are too short', JSON.stringify({ keys: [jwk(weak.publicKey, 'one')] })],
    [
      'a key for encryption',
      JSON.stringify({ keys: [{ ...jwk(pair.publicKey, 'one'), use: 'enc' }] }),
    ],
    ['a key of another kind', '{"keys":[{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}'],
    [
      'more than 256 KiB',
      JSON.stringify({ keys: [jwk(pair.publicKey, 'one')], more: 'x'.repeat(262_144) }),
    ],
    ['a thousand keys', JSON.stringify({ keys: Array(1_000).fill(jwk(pair.publicKey, 'one')) })],
  ])('are not taken from %s', async (_what, body) => {
    answer = { status: 200, body };
    await expect(keys().at(tenant, 'one')).rejects.toMatchObject({ why: 'keys-away' });
  });

  test('do not follow to another place, and one bad key does not spoil the others', async () => {
    answers([{ kty: 'RSA' }, jwk(weak.publicKey, 'weak'), jwk(pair.publicKey, 'one')]);
    const one = keys();
    expect(await one.at(tenant, 'one')).toBeDefined();
    expect(await one.at(tenant, 'weak')).toBeUndefined();
    answer = { status: 302, body: '' };
    await expect(keys().at(tenant, 'one')).rejects.toMatchObject({ why: 'keys-away' });
  });
});

test('over HTTP: 202 for a token, 401 for a forged one, 503 while the keys are away, and the token in the URL still works', async () => {
  const sender = senderOf('azure-monitor');
  if (sender === undefined) throw new Error('no such sender');
  const away = (): Promise<never> => Promise.reject(new Error('nothing is fetched here'));
  const schemes = createSchemes({
    fetchCertificate: away,
    confirmSubscription: away,
    fetchKeys: fetchKeysFrom(authority),
  });
  const locks = [
    { scheme: schemes.entra, secrets: applications },
    { scheme: schemes['url-token'], secrets: ['a-token'] },
  ];
  const seen: string[] = [];
  let committed = 0;
  const log = quietLog();
  const server = createServer({
    doors: [{ sender, authentication: createAuthentication(locks) }],
    closed: {},
    tls: null,
    instruments: createInstruments(createMetrics('entra')),
    log,
    commit: (alerts) => Promise.resolve(void (committed += alerts.length)),
    keep: () => Promise.resolve('d1'),
    unready: () => Promise.resolve(null),
    wrongSecrets: { seen: (source, why) => void seen.push(`${source} ${why}`) },
    metricsText: () => Promise.resolve(''),
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  const body = readFileSync('test/intake/bodies/azure-monitor/firing.json');
  const post = async (authorization: string, query = ''): Promise<number> => {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) };
    const to = `${url}/v1/alerts/azure-monitor${query}`;
    return (await fetch(to, { method: 'POST', headers, body })).status;
  };
  const fresh = {
    nbf: Math.floor(Date.now() / 1000) - 60,
    exp: Math.floor(Date.now() / 1000) + 600,
  };
  const token = tokenOf({ claims: fresh });
  answers([], 503);
  expect(await post(`Bearer ${token}`)).toBe(503);
  expect(committed).toBe(0);
  answers([jwk(pair.publicKey, 'one')]);
  await new Promise((resolve) => setTimeout(resolve, 5_100));
  expect(await post(`Bearer ${token}`)).toBe(202);
  expect(await post(`Bearer ${tokenOf({ claims: fresh, key: foreign.privateKey })}`)).toBe(401);
  expect(await post(`Bearer ${tokenOf({ claims: { ...fresh, exp: 1_700_000_000 } })}`)).toBe(401);
  expect(await post('')).toBe(401);
  expect(await post('', '?token=a-token')).toBe(202);
  expect(committed).toBe(2);
  expect(seen).toEqual(['azure-monitor wrong-secret', 'azure-monitor stale']);
  expect(log.lines.join('\n')).not.toContain(token.split('.')[2]);
  await server.close();
}, 20_000);

test('its setting names a tenant and an audience, and says so when it does not', () => {
  const read = (value: string) =>
    readSettings({ DATABASE_URL: 'postgres://x@y/z', BELAY_AZURE_MONITOR_APPLICATIONS: value });
  expect(read(applications.join()).intake.secrets['azure-monitor']?.applications).toEqual(
    applications,
  );
  for (const value of ['belay', tenant, `${tenant.toUpperCase()}/api://x`, `${tenant}/`]) {
    expect(() => read(value)).toThrow(SettingsError);
    expect(() => read(value)).toThrow(
      /BELAY_AZURE_MONITOR_APPLICATIONS is not usable: give a tenant's id/,
    );
  }
});
