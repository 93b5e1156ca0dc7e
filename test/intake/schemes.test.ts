/**
 * The schemes that sign the body, and those that show a secret, each by itself. Vectors of GitHub, PagerDuty and Standard
 * Webhooks are those their makers publish; Grafana and Sentry publish none: theirs are made here with node:crypto.
 */
import { readFileSync } from 'node:fs';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { basic } from '../../workers/intake/schemes/basic.js';
import { bearer } from '../../workers/intake/schemes/bearer.js';
import { github } from '../../workers/intake/schemes/github.js';
import { grafana } from '../../workers/intake/schemes/grafana.js';
import { headerToken } from '../../workers/intake/schemes/header-token.js';
import { mutualTls } from '../../workers/intake/schemes/mutual-tls.js';
import { pagerduty } from '../../workers/intake/schemes/pagerduty.js';
import type { Scheme } from '../../workers/intake/schemes/scheme.js';
import { sentry } from '../../workers/intake/schemes/sentry.js';
import { standardWebhooks } from '../../workers/intake/schemes/standard-webhooks.js';
import { urlToken } from '../../workers/intake/schemes/url-token.js';
import { ed25519Of, hexHmac, nowMs, nowSeconds, shown, standardItem } from '../support/signing.js';
import type { ShownHeaders } from '../support/signing.js';

describe('published vectors', () => {
  test('GitHub', () => {
    const hex = '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const request = shown({ 'x-hub-signature-256': `sha256=${hex}` }, 'Hello, World!');
    expect(github.verify(request, ["It's a Secret to Everybody"])).toBe('admitted');
    expect(github.verify(request, ["It's a secret to everybody"])).toBe('wrong-secret');
  });

  test('PagerDuty', () => {
    const file = new URL('../fixtures/signatures/pagerduty-v3.body', import.meta.url);
    const hex = '0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd';
    const request = shown({ 'x-pagerduty-signature': `v1=${hex}` }, readFileSync(file));
    const secret = 'lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK';
    expect(pagerduty.verify(request, [secret])).toBe('admitted');
    expect(pagerduty.verify(request, [secret.toLowerCase()])).toBe('wrong-secret');
  });

  test.each([
    [
      'v1',
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    ],
    [
      'v1a',
      ed25519Of(Buffer.from('TESTSIGNINGKEYDONOTUSETHISFORANY')).whpk,
      'v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==',
    ],
  ])('Standard Webhooks %s', (_version, secret, signature) => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    };
    const atThatTime = { ...shown(headers, '{"test": 2432232314}'), nowMs: 1_614_265_330_000 };
    expect(standardWebhooks.verify(atThatTime, [secret])).toBe('admitted');
    expect(standardWebhooks.verify({ ...atThatTime, nowMs }, [secret])).toBe('stale');
    const other = { ...atThatTime, body: Buffer.from('{"test": 2432232315}') };
    expect(standardWebhooks.verify(other, [secret])).toBe('wrong-secret');
  });
});

/** How a sender signs, and which header it signs in. */
interface Signing {
  readonly scheme: Scheme;
  readonly header: string;
  readonly secrets: readonly [string, string];
  readonly sign: (body: Buffer | string, secret: string) => ShownHeaders;
}

const whsec = (fill: string): string => `whsec_${Buffer.alloc(32, fill).toString('base64')}`;
const pair = ed25519Of(Buffer.alloc(32, 7));
const otherPair = ed25519Of(Buffer.alloc(32, 9));

function standard(body: Buffer | string, secret: string): ShownHeaders {
  const signed = { id: 'msg_1', timestamp: nowSeconds, body };
  const key = secret === pair.whpk ? pair.privateKey : otherPair.privateKey;
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': nowSeconds,
    'webhook-signature': standardItem(secret.startsWith('whpk_') ? key : secret, signed),
  };
}

const signings: readonly (readonly [string, Signing])[] = [
  [
    'github',
    {
      scheme: github,
      header: 'x-hub-signature-256',
      secrets: ['one', 'two'],
      sign: (body, secret) => ({ 'x-hub-signature-256': `sha256=${hexHmac(secret, body)}` }),
    },
  ],
  [
    'pagerduty',
    {
      scheme: pagerduty,
      header: 'x-pagerduty-signature',
      secrets: ['one', 'two'],
      sign: (body, secret) => ({ 'x-pagerduty-signature': `v1=${hexHmac(secret, body)}` }),
    },
  ],
  [
    'sentry',
    {
      scheme: sentry,
      header: 'sentry-hook-signature',
      secrets: ['one', 'two'],
      sign: (body, secret) => ({ 'sentry-hook-signature': hexHmac(secret, body) }),
    },
  ],
  [
    'grafana',
    {
      scheme: grafana,
      header: 'x-grafana-alerting-signature',
      secrets: ['one', 'two'],
      sign: (body, secret) => ({
        'x-grafana-alerting-signature': hexHmac(secret, nowSeconds, ':', body),
        'x-grafana-alerting-signature-timestamp': nowSeconds,
      }),
    },
  ],
  [
    'standard-webhooks v1',
    {
      scheme: standardWebhooks,
      header: 'webhook-signature',
      secrets: [whsec('1'), whsec('2')],
      sign: standard,
    },
  ],
  [
    'standard-webhooks v1a',
    {
      scheme: standardWebhooks,
      header: 'webhook-signature',
      secrets: [pair.whpk, otherPair.whpk],
      sign: standard,
    },
  ],
];

const body = '{"alerts":[{"status":"firing","name":"Disk full","at":"caf\u00e9"}]}';

describe.each(signings)('%s', (_name, { scheme, header, secrets, sign }) => {
  const [one, two] = secrets;
  const good = sign(body, one);
  const signature = good[header] ?? '';
  const withSignature = (text: string | undefined) =>
    scheme.verify(shown({ ...good, [header]: text }, body), [one]);

  test('admits what an active secret signed, and nothing without a signature', () => {
    expect(scheme.verify(shown(good, body), [one])).toBe('admitted');
    expect(withSignature(undefined)).toBe('no-secret');
    expect(scheme.verify(shown({}, body), [one])).toBe('no-secret');
  });

  test('rotates without a gap: both secrets are active, then the old one is not', () => {
    const verdicts = [[one], [one, two], [two, one], [two]].map((active) =>
      [one, two].map((by) => scheme.verify(shown(sign(body, by), body), active)),
    );
    expect(verdicts).toEqual([
      ['admitted', 'wrong-secret'],
      ['admitted', 'admitted'],
      ['admitted', 'admitted'],
      ['wrong-secret', 'admitted'],
    ]);
  });

  test('fails closed without any secret, and an empty one is none', () => {
    for (const active of [[], [''], ['', ''], ['whsec_'], ['whpk_']]) {
      expect(scheme.verify(shown(good, body), active)).toBe('wrong-secret');
    }
  });

  test('a signature that is not spelled the one way fits nothing', () => {
    const prefix = /^(sha256=|v1=|v1a?,)?/.exec(signature)?.[0] ?? '';
    const bare = signature.slice(prefix.length);
    const isHex = /^[0-9a-f]+$/.test(bare);
    const bytes = Buffer.from(bare, isHex ? 'hex' : 'base64');
    const spelled = [
      '',
      prefix,
      `${prefix}${bytes.toString(isHex ? 'base64' : 'hex')}`,
      `${prefix}${bytes.toString('base64url')}x`,
      `${prefix}${bare.slice(0, -1)}`,
      `${prefix}${bare.slice(0, -2)}`,
      `${prefix}${bare}0`,
      `${prefix}${isHex ? bare.toUpperCase() : bare.toLowerCase()}`,
      `sha1=${bare}`,
      `v0=${bare}`,
      `v2,${bare}`,
      `${prefix}${prefix}${bare}x`,
      `${prefix}${'0'.repeat(64)}`,
      `${prefix}\u0000${bare}`,
    ];
    const admitted = spelled.filter((text) => withSignature(text) === 'admitted');
    expect(admitted).toEqual([]);
  });

  test('no other byte of the signature fits', () => {
    const admitted: string[] = [];
    for (let at = 0; at < signature.length; at += 1) {
      for (const flipped of [1, 2, 32]) {
        const code = signature.charCodeAt(at) ^ flipped;
        const text = signature.slice(0, at) + String.fromCharCode(code) + signature.slice(at + 1);
        if (withSignature(text) === 'admitted') admitted.push(text);
      }
    }
    expect(admitted).toEqual([]);
  });

  test('no other byte of the body fits: a mark, a line end, bytes that are no UTF-8', () => {
    const bytes = Buffer.from(body);
    const others = [
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
      Buffer.concat([bytes, Buffer.from('\r\n')]),
      Buffer.concat([bytes, Buffer.from('\n')]),
      Buffer.alloc(0),
      Buffer.from(`${body} `),
      Buffer.from(body.normalize('NFD')),
    ];
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at);
      others.push(flipped);
    }
    const verdicts = new Set(others.map((other) => scheme.verify(shown(good, other), [one])));
    expect([...verdicts]).toEqual(['wrong-secret']);
  });

  test('two bodies that differ in bytes that are no UTF-8 are two bodies', () => {
    const [left, right] = [0xfe, 0xff].map((byte) => Buffer.from([0x22, byte, 0x22]));
    if (left === undefined || right === undefined) throw new Error('there are two');
    expect(scheme.verify(shown(sign(left, one), left), [one])).toBe('admitted');
    expect(scheme.verify(shown(sign(left, one), right), [one])).toBe('wrong-secret');
  });

  test.each([
    ['1 MiB and a byte', '"'.repeat(1024 * 1024 + 1)],
    ['10,000 deep', '['.repeat(10_000)],
    ['a million keys', `{${Array.from({ length: 1_000_000 }, (_, n) => `"k${n}":0`).join()}}`],
    ['half a surrogate pair', '{"a":"\\ud800"}'],
    ['a huge number', `{"a":${'9'.repeat(10_000)}}`],
    ['__proto__', '{"__proto__":{"admitted":true}}'],
  ])('a hostile body, %s, is bytes like any other', (_what, hostile) => {
    const before = performance.now();
    expect(scheme.verify(shown(good, hostile), [one])).toBe('wrong-secret');
    expect(scheme.verify(shown(sign(hostile, one), hostile), [one])).toBe('admitted');
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('says what to change, and says no secret', () => {
    expect(scheme.fix).toMatch(/\S/);
    expect(scheme.signsBody).toBe(true);
    expect(scheme.deliveryId?.(shown(good, body))).toMatch(/\S/);
  });
});

test('a signature header that came twice is no signature, but where a list is the format', () => {
  for (const [name, { scheme, header, secrets, sign }] of signings) {
    const headers = sign(body, secrets[0]);
    const twice = { ...headers, [header]: `${headers[header]}, ${headers[header]}` };
    const expected = name === 'pagerduty' ? 'admitted' : 'wrong-secret';
    expect([name, scheme.verify(shown(twice, body), [secrets[0]])]).toEqual([name, expected]);
  }
});

test('PagerDuty lists a signature for each of its secrets; ten are looked at', () => {
  const fits = `v1=${hexHmac('one', body)}`;
  const wrong = `v1=${hexHmac('two', body)}`;
  const verdict = (header: string) =>
    pagerduty.verify(shown({ 'x-pagerduty-signature': header }, body), ['one']);
  expect(verdict(`${wrong},${fits}`)).toBe('admitted');
  expect(verdict(`v2=x, ${fits}`)).toBe('admitted');
  expect(verdict([...Array<string>(9).fill(wrong), fits].join())).toBe('admitted');
  expect(verdict([...Array<string>(10).fill(wrong), fits].join())).toBe('wrong-secret');
});

/** Both schemes that sign a time, by the time they sign. */
const timed: readonly (readonly [string, (timestamp: string, atMs?: number) => unknown])[] = [
  [
    'grafana',
    (timestamp, atMs = nowMs) => {
      const headers = {
        'x-grafana-alerting-signature': hexHmac('one', timestamp, ':', body),
        'x-grafana-alerting-signature-timestamp': timestamp,
      };
      return grafana.verify({ ...shown(headers, body), nowMs: atMs }, ['one']);
    },
  ],
  [
    'standard-webhooks',
    (timestamp, atMs = nowMs) => {
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': timestamp,
        'webhook-signature': standardItem(whsec('1'), { id: 'msg_1', timestamp, body }),
      };
      return standardWebhooks.verify({ ...shown(headers, body), nowMs: atMs }, [whsec('1')]);
    },
  ],
];

describe.each(timed)('the time that %s signs', (_name, verdict) => {
  const at = (offsetSeconds: number): string => String(nowMs / 1000 + offsetSeconds);

  test('may be five minutes off to either side, edges included', () => {
    expect([-301, -300, 0, 300, 301].map((offset) => verdict(at(offset)))).toEqual([
      'stale',
      'admitted',
      'admitted',
      'admitted',
      'stale',
    ]);
    expect(verdict(at(-300), nowMs + 1)).toBe('stale');
    expect(verdict(at(300), nowMs - 1)).toBe('stale');
  });

  test.each([
    '',
    'now',
    `-${nowSeconds}`,
    `+${nowSeconds}`,
    ` ${nowSeconds}`,
    `${nowSeconds}.0`,
    `${nowSeconds}junk`,
    `${nowSeconds}, ${nowSeconds}`,
    `${nowSeconds}e0`,
    `0x${Number(nowSeconds).toString(16)}`,
    `${nowSeconds}000`,
    '\u0661\u0662\u0663',
    'Infinity',
    '2026-11-21T10:00:00Z',
  ])('%j is no time, though it is signed', (timestamp) => {
    expect(verdict(timestamp)).toBe('wrong-secret');
  });

  test('says "stale" only of what fits', () => {
    expect(verdict('0')).toBe('stale');
  });
});

test('Grafana without its timestamp header is not let in, though the body alone is signed', () => {
  const headers = { 'x-grafana-alerting-signature': hexHmac('one', body) };
  expect(grafana.verify(shown(headers, body), ['one'])).toBe('wrong-secret');
});

describe('Standard Webhooks', () => {
  const signed = { id: 'msg_1', timestamp: nowSeconds, body };
  const fits = standardItem(whsec('1'), signed);
  const asymmetric = standardItem(pair.privateKey, signed);
  const verdict = (signature: string, secrets: readonly string[], id = 'msg_1') => {
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': nowSeconds,
      'webhook-signature': signature,
    };
    return standardWebhooks.verify(shown(headers, body), secrets);
  };

  test('any one of several signatures suffices, eleven are too many, unknown versions are passed over', () => {
    const other = standardItem(whsec('2'), signed);
    expect(verdict(`${other} v3,AAAA ${fits}`, [whsec('1')])).toBe('admitted');
    expect(verdict(`${asymmetric} ${other}`, [whsec('1'), pair.whpk])).toBe('admitted');
    const many = [...Array<string>(10).fill(other), fits].join(' ');
    expect(verdict(many, [whsec('1')])).toBe('wrong-secret');
  });

  test('each version is held against its own kind of key', () => {
    const raw = pair.whpk.replace('whpk_', '');
    const keyAsSecret = standardItem(`whsec_${raw}`, signed);
    expect(verdict(keyAsSecret, [pair.whpk])).toBe('wrong-secret');
    expect(verdict(fits.replace('v1,', 'v1a,'), [whsec('1')])).toBe('wrong-secret');
    expect(verdict(asymmetric.replace('v1a,', 'v1,'), [pair.whpk])).toBe('wrong-secret');
    expect(verdict(asymmetric, ['whpk_AAAA', 'whsk_AAAA'])).toBe('wrong-secret');
  });

  test('the id is signed, required, and names the delivery', () => {
    expect(verdict(fits, [whsec('1')], 'msg_2')).toBe('wrong-secret');
    expect(verdict(fits, [whsec('1')], 'msg_1, msg_1')).toBe('wrong-secret');
    const nameless = standardItem(whsec('1'), { ...signed, id: '' });
    expect(verdict(nameless, [whsec('1')], '')).toBe('wrong-secret');
    expect(standardWebhooks.deliveryId?.(shown({ 'webhook-id': 'msg_1' }))).toBe('msg_1');
  });

  test('what is no Ed25519 key admits nobody and breaks nothing', () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const foreign = standardItem(privateKey, signed);
    const zeros = `whpk_${Buffer.alloc(32).toString('base64')}`;
    expect(verdict(foreign, [zeros, 'whpk_A', 'whpk_!!!!', pair.whpk])).toBe('wrong-secret');
  });
});

describe('secrets that are shown as they are', () => {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');

  test.each([
    ['Bearer one', 'admitted'],
    ['bearer two  ', 'admitted'],
    ['Bearer three', 'wrong-secret'],
    ['Bearer one, Bearer one', 'no-secret'],
    ['Bearer on', 'wrong-secret'],
    ['Bearer ', 'no-secret'],
    ['one', 'no-secret'],
    [undefined, 'no-secret'],
  ])('bearer: %j is %s', (authorization, expected) => {
    expect(bearer.verify(shown({ authorization }), ['one', 'two'])).toBe(expected);
    expect(bearer.verify(shown({ authorization }), [])).not.toBe('admitted');
  });

  test.each([
    [`Basic ${encoded('user:one')}`, 'admitted'],
    [`basic ${encoded('user:pass:word')}`, 'admitted'],
    [`Basic ${encoded('user:two')}`, 'wrong-secret'],
    [`Basic ${encoded('user:one').replace(/=*$/, '!')}`, 'wrong-secret'],
    [`Basic ${Buffer.from('user:one').toString('hex')}`, 'wrong-secret'],
    ['Basic', 'no-secret'],
    [undefined, 'no-secret'],
  ])('basic: %j is %s', (authorization, expected) => {
    expect(basic.verify(shown({ authorization }), ['user:one', 'user:pass:word'])).toBe(expected);
  });

  test.each([
    [{ 'x-belay-token': 'one' }, 'admitted'],
    [{ authorization: 'two' }, 'admitted'],
    [{ 'x-belay-token': 'three', authorization: 'two' }, 'admitted'],
    [{ 'x-belay-token': 'one, one' }, 'wrong-secret'],
    [{ 'x-belay-token': 'ONE' }, 'wrong-secret'],
    [{ authorization: 'Bearer one' }, 'wrong-secret'],
    [{ 'x-belay-token': '' }, 'no-secret'],
    [{}, 'no-secret'],
  ])('header-token: %j is %s', (headers: ShownHeaders, expected) => {
    expect(headerToken.verify(shown(headers), ['one', 'two'])).toBe(expected);
    expect(headerToken.verify(shown(headers), [''])).not.toBe('admitted');
  });

  test.each([
    ['/v1/alerts/x?token=one', 'admitted'],
    ['/v1/alerts/x?a=b&token=t%20w%26o', 'admitted'],
    ['/v1/alerts/x?token=one&token=one', 'wrong-secret'],
    ['/v1/alerts/x?token=', 'wrong-secret'],
    ['/v1/alerts/x?token=on', 'wrong-secret'],
    ['/v1/alerts/x?Token=one', 'no-secret'],
    ['/v1/alerts/x?%zz', 'no-secret'],
    ['/v1/alerts/token=one', 'no-secret'],
  ])('url-token: %j is %s', (url, expected) => {
    expect(urlToken.verify({ ...shown({}), url }, ['one', 't w&o'])).toBe(expected);
    expect(urlToken.verify({ ...shown({}), url }, [''])).not.toBe('admitted');
  });
});

describe('client certificates', () => {
  const fingerprint = 'ab'.repeat(32);
  const certificate = {
    isTrusted: true,
    fingerprint,
    subject: '/O=Acme/CN=alertmanager',
    validUntilMs: nowMs,
  };
  const verdict = (changes: Partial<typeof certificate>, list: string[], atMs = nowMs) =>
    mutualTls.verify(
      { ...shown({}), certificate: { ...certificate, ...changes }, nowMs: atMs },
      list,
    );

  test('one on the list is let in, by fingerprint in either spelling or by subject', () => {
    const colons = fingerprint.toUpperCase().replace(/(..)(?!$)/g, '$1:');
    for (const entry of [fingerprint, colons, '/O=Acme/CN=alertmanager']) {
      expect(verdict({}, ['/CN=other', entry])).toBe('admitted');
    }
    expect(mutualTls.verify(shown({}), [fingerprint])).toBe('no-secret');
  });

  test('one nobody vouches for is not, nor one that is not listed, nor one that has run out', () => {
    expect(verdict({ isTrusted: false }, [fingerprint])).toBe('wrong-secret');
    expect(verdict({}, [])).toBe('wrong-secret');
    expect(verdict({}, ['/CN=alertmanager', '/O=acme/CN=alertmanager'])).toBe('wrong-secret');
    expect(verdict({}, [fingerprint], nowMs + 1)).toBe('stale');
  });
});
