/**
 * Forged and mutated requests over HTTP at every door that proves its sender: none gets in, none makes the server fail, and
 * the genuine one is let in before and after. 20,000 of them; `BELAY_LONG=1` sends a million, `BELAY_FORGED_SEED` draws others.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { senders } from '../../activities/senders/index.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import type { Door } from '../../workers/intake/entrance.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { schemeSecrets, schemesOf } from '../../workers/intake/doors.js';
import { createSchemes } from '../../workers/intake/schemes/index.js';
import { createServer } from '../../workers/intake/server.js';
import { createMetrics } from '../../workers/metrics.js';
import { quietLog } from '../support/intake.js';
import { hexHmac, standardItem } from '../support/signing.js';

const count = process.env['BELAY_LONG'] === '1' ? 1_000_000 : 20_000;
const seed = Number(process.env['BELAY_FORGED_SEED'] ?? '20261121');
const atOnce = 16;

const secret = 'the secret of the sender, and of nobody else';
const token = secret.replaceAll(' ', '-');
const whsec = `whsec_${Buffer.alloc(32, 'k').toString('base64')}`;

interface Letter {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a source's sender knows, and how it proves that it does: over the body, or by showing it. */
interface Proof {
  readonly kind: 'secrets' | 'tokens';
  readonly secret: string;
  readonly headers: (body: Buffer) => Record<string, string>;
}

function signing(headers: Proof['headers'], known = secret): Proof {
  return { kind: 'secrets', secret: known, headers };
}

function showing(headers: Proof['headers']): Proof {
  return { kind: 'tokens', secret: token, headers };
}

const proofs = {
  github: signing((body) => ({ 'x-hub-signature-256': `sha256=${hexHmac(secret, body)}` })),
  sentry: signing((body) => ({ 'sentry-hook-signature': hexHmac(secret, body) })),
  pagerduty: signing((body) => ({ 'x-pagerduty-signature': `v1=${hexHmac(secret, body)}` })),
  grafana: signing((body) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    return {
      'x-grafana-alerting-signature-timestamp': timestamp,
      'x-grafana-alerting-signature': hexHmac(secret, `${timestamp}:`, body),
    };
  }),
  'standard-webhooks': signing((body) => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const id = `msg_${Math.random()}`;
    const signature = standardItem(whsec, { id, timestamp, body });
    return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  }, whsec),
  alertmanager: showing(() => ({ authorization: `Bearer ${token}` })),
  datadog: showing(() => ({ 'x-belay-token': token })),
} as const satisfies Record<string, Proof>;
type Source = keyof typeof proofs;
const sources = Object.keys(proofs) as Source[];

function doorOf(source: Source): Door {
  const sender = senders.find((one) => one.source === source);
  if (sender === undefined) throw new Error(`no sender ${source}`);
  const away = (): Promise<never> => Promise.reject(new Error('nothing is fetched here'));
  const schemes = createSchemes({ fetchCertificate: away, confirmSubscription: away });
  const proof = proofs[source];
  const locks = schemesOf(source).map((name) => ({
    scheme: schemes[name],
    secrets: schemeSecrets[name].kind === proof.kind ? [proof.secret] : [],
  }));
  return { sender, authentication: createAuthentication(locks) };
}

function bodiesOf(source: Source): Buffer[] {
  const folder =
    source === 'alertmanager' ? 'test/fixtures/alertmanager' : `test/intake/bodies/${source}`;
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.map((file) => readFileSync(`${folder}/${file}`));
}

function genuine(source: Source, body: Buffer): Letter {
  const headers = { 'content-type': 'application/json', ...proofs[source].headers(body) };
  return { path: `/v1/alerts/${source}`, headers, body };
}

let committed = 0;
let keptLetters = 0;
const server = createServer({
  doors: sources.map(doorOf),
  closed: {},
  tls: null,
  instruments: createInstruments(createMetrics('forged')),
  log: quietLog(),
  commit: (alerts) => {
    committed += alerts.length;
    return Promise.resolve();
  },
  keep: () => {
    keptLetters += 1;
    return Promise.resolve('d1');
  },
  unready: () => Promise.resolve(null),
  wrongSecrets: { seen: () => undefined },
  metricsText: () => Promise.resolve(''),
});
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
let port = 0;

beforeAll(async () => {
  port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(async () => {
  agent.destroy();
  await server.close();
});

/** The status, or 0 when the connection was ended without an answer. */
function send({ path, headers, body }: Letter): Promise<number> {
  return new Promise((resolve) => {
    const options = { port, path, agent, method: 'POST', headers };
    const asked = request({ host: '127.0.0.1', ...options }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.once('error', () => resolve(0));
    asked.end(body);
  });
}

/** What a forger does to a letter whose proof he has seen, or to one of his own making. */
interface Forgery {
  readonly source: Source;
  readonly body: number;
  readonly how: keyof typeof forgeries;
  readonly place: number;
  readonly noise: Uint8Array;
}

type Forge = (letter: Letter, forgery: Forgery) => Letter;

/** Every header the proof is in. */
function proofHeaders({ headers }: Letter): string[] {
  return Object.keys(headers).filter((name) => name !== 'content-type');
}

function signatureHeader(letter: Letter): string {
  return proofHeaders(letter).at(-1) ?? '';
}

function withSignature(letter: Letter, change: (text: string) => string): Letter {
  const name = signatureHeader(letter);
  const text = change(letter.headers[name] ?? '');
  return { ...letter, headers: { ...letter.headers, [name]: text } };
}

function isSigned({ source }: Forgery): boolean {
  return proofs[source].kind === 'secrets';
}

/** Where the proof does not cover the body a changed body is no forgery: the token is changed instead. */
function withBody(letter: Letter, forgery: Forgery, body: Buffer): Letter {
  if (!isSigned(forgery) || body.equals(letter.body)) return withSignature(letter, backwards);
  return { ...letter, body };
}

function backwards(text: string): string {
  return [...text].toReversed().join('');
}

const forgeries = {
  'one bit of the body': (letter, forgery) => {
    const body = Buffer.from(letter.body);
    const at = forgery.place % body.length;
    body[at] = (body[at] ?? 0) ^ (1 << (forgery.place % 8));
    return withBody(letter, forgery, body);
  },
  'the body cut': (letter, forgery) =>
    withBody(letter, forgery, letter.body.subarray(0, forgery.place % letter.body.length)),
  'the body longer': (letter, forgery) =>
    withBody(letter, forgery, Buffer.concat([letter.body, Buffer.from(forgery.noise)])),
  'a body of his own': (letter, forgery) => withBody(letter, forgery, Buffer.from(forgery.noise)),
  'another character in the proof': (letter, { place }) =>
    withSignature(letter, (text) => {
      const at = text.length - 1 - (place % 24); // within the signature itself, before any padding counts
      const other = text[at] === 'b' ? 'c' : 'b';
      return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
    }),
  'the proof cut': (letter, { place }) =>
    withSignature(letter, (text) => text.slice(0, Math.max(1, text.length - 4 - (place % 20)))),
  'the proof backwards': (letter) => withSignature(letter, backwards),
  'a proof of noise': (letter, { noise }) =>
    withSignature(letter, () => `v1=${Buffer.from(noise).toString('hex')}`),
  'an empty proof': (letter) => withSignature(letter, () => ''),
  'no proof': (letter) => {
    const { 'content-type': type = '' } = letter.headers;
    return { ...letter, headers: { 'content-type': type } };
  },
  'another secret': (letter, { source }) => {
    const forged = standardItem(`whsec_${Buffer.alloc(32, 'x').toString('base64')}`, {
      id: letter.headers['webhook-id'] ?? '',
      timestamp: letter.headers['webhook-timestamp'] ?? '',
      body: letter.body,
    });
    const mine = hexHmac('another secret', letter.body);
    return withSignature(letter, () => (source === 'standard-webhooks' ? forged : mine));
  },
  'the proof of another sender': (letter, { source }) => {
    const others = sources.filter((other) => other !== source && proofs[other].kind === 'secrets');
    const other = others[letter.body.length % others.length] ?? 'github';
    const stolen = genuine(other, letter.body);
    return withSignature(letter, () => stolen.headers[signatureHeader(stolen)] ?? '');
  },
  'a time of his own': (letter, { place }) => {
    const name = proofHeaders(letter).find((header) => header.endsWith('timestamp'));
    if (name === undefined) return withSignature(letter, backwards);
    const moved = String(Number(letter.headers[name]) + (place % 2 === 0 ? 1 : -1) * (1 + place));
    return { ...letter, headers: { ...letter.headers, [name]: moved } };
  },
} as const satisfies Record<string, Forge>;

const forgery: fc.Arbitrary<Forgery> = fc.record({
  source: fc.constantFrom(...sources),
  body: fc.nat(50),
  how: fc.constantFrom(...(Object.keys(forgeries) as (keyof typeof forgeries)[])),
  place: fc.nat(100_000),
  noise: fc.uint8Array({ minLength: 1, maxLength: 200 }),
});

/** Github and its like compare what a proof says: one that says the same in other words is not forged. */
function saysTheSame(one: Letter, other: Letter): boolean {
  const proof = (letter: Letter): string => letter.headers[signatureHeader(letter)] ?? '';
  return proof(one) === proof(other) && one.body.equals(other.body);
}

test('the genuine letter of every sender is let in', async () => {
  for (const source of sources) {
    for (const body of bodiesOf(source)) {
      expect([200, 202, 422]).toContain(await send(genuine(source, body)));
    }
  }
  expect(committed).toBeGreaterThan(sources.length);
});

test(`of ${count} forged letters none gets in, and the server goes on`, async () => {
  const before = { committed, keptLetters };
  const bodies = new Map(sources.map((source) => [source, bodiesOf(source)]));
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  const chunk = 2_000;
  for (let done = 0; done < count; done += chunk) {
    const forged = fc.sample(forgery, { numRuns: chunk, seed: seed + done });
    const lanes = Array.from({ length: atOnce }, async () => {
      for (let one = forged.pop(); one !== undefined; one = forged.pop()) {
        const known = bodies.get(one.source) ?? [];
        const letter = genuine(one.source, known[one.body % known.length] ?? Buffer.from('{}'));
        const changed = forgeries[one.how](letter, one);
        if (one.how !== 'a time of his own' && one.how !== 'no proof')
          expect(saysTheSame(letter, changed)).toBe(false);
        const status = await send(changed);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status < 400 || status >= 500) wrong.push(`${one.source}, ${one.how}: ${status}`);
      }
    });
    await Promise.all(lanes);
  }
  process.stdout.write(`forged: seed ${seed}, answers ${JSON.stringify([...statuses])}\n`);
  expect(wrong).toEqual([]);
  expect({ committed, keptLetters }).toEqual(before);
  expect(await send(genuine('github', bodies.get('github')?.[0] ?? Buffer.from('')))).toBeLessThan(
    500,
  );
}, 3_600_000);
