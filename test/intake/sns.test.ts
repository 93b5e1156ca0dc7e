/**
 * Amazon SNS's signatures. Amazon publishes the rule and no vector with a key: messages are made here after its documents,
 * signed with node:crypto, and so are the certificates.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Unavailable } from '../../workers/intake/refusal.js';
import type { Scheme } from '../../workers/intake/schemes/scheme.js';
import { createSns } from '../../workers/intake/schemes/sns.js';
import {
  createCertificates,
  isCertificateUrl,
} from '../../workers/intake/schemes/sns-certificates.js';
import { placeOf } from '../../workers/intake/schemes/sns-envelope.js';
import type { Subscription } from '../../workers/intake/schemes/sns-subscription.js';
import { certificate } from '../support/certificate.js';
import { nowMs, shown } from '../support/signing.js';

const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
const pemUrl = 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem';
const dayMs = 86_400_000;
const minuteMs = 60_000;

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const subject = [['CN', 'sns.amazonaws.com']] as const;

function pemOf(keys: typeof rsa, validToMs = nowMs + dayMs): string {
  const issuer = { subject, privateKey: keys.privateKey };
  const validity = { validFromMs: nowMs - dayMs, validToMs };
  return certificate({ subject, issuer, publicKey: keys.publicKey, ...validity });
}
const pem = pemOf(rsa);

type Message = Record<string, string>;

const notification: Message = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: topic,
  Subject: 'ALARM: "disk" in EU (Ireland)',
  Message: '{"AlarmName":"disk",\n"NewStateValue":"ALARM"}',
  Timestamp: new Date(nowMs).toISOString(),
  SignatureVersion: '2',
  SigningCertURL: pemUrl,
  UnsubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe',
};

const confirmation: Message = {
  Type: 'SubscriptionConfirmation',
  MessageId: '165545c9-2a5c-472c-8df2-7ff2be2b3b1b',
  Token: '2336412f37',
  TopicArn: topic,
  Message: `You have chosen to subscribe to the topic ${topic}.`,
  SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription',
  Timestamp: new Date(nowMs).toISOString(),
  SignatureVersion: '2',
  SigningCertURL: pemUrl,
};

/** Signed by the rule of Amazon's documents, written down once more. */
function signed(message: Message, key = rsa.privateKey): Message {
  const order =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const given = order.filter((name) => message[name] !== undefined);
  const text = given.map((name) => `${name}\n${message[name]}\n`).join('');
  const hash = message['SignatureVersion'] === '1' ? 'sha1' : 'sha256';
  return { ...message, Signature: sign(hash, Buffer.from(text), key).toString('base64') };
}

interface Rig {
  readonly scheme: Scheme;
  readonly fetched: string[];
  readonly confirmed: Subscription[];
  verdict(message: Message, topics?: readonly string[]): Promise<unknown>;
}

function rig(answer: () => Promise<string | undefined> = () => Promise.resolve(pem)): Rig {
  const fetched: string[] = [];
  const confirmed: Subscription[] = [];
  const scheme = createSns({
    fetchCertificate: (url) => {
      fetched.push(url);
      return answer();
    },
    confirmSubscription: (subscription) => {
      confirmed.push(subscription);
      return Promise.resolve();
    },
  });
  const verdict = async (message: Message, topics: readonly string[] = [topic]) =>
    scheme.verify(shown({}, JSON.stringify(message)), topics);
  return { scheme, fetched, confirmed, verdict };
}

describe('a message of a topic on the list', () => {
  test.each(['1', '2'])('is let in under signature version %s', async (SignatureVersion) => {
    const { verdict, fetched } = rig();
    expect(await verdict(signed({ ...notification, SignatureVersion }))).toBe('admitted');
    expect(await verdict(signed({ ...confirmation, SignatureVersion }))).toBe('admitted');
    expect(fetched).toEqual([pemUrl]);
  });

  test('may have no subject, and one of several topics suffices', async () => {
    const entries = Object.entries(notification).filter(([name]) => name !== 'Subject');
    const bare = Object.fromEntries(entries);
    const { verdict } = rig();
    expect(await verdict(signed(bare), [`${topic}-2`, topic])).toBe('admitted');
  });

  test('is named by its message id', () => {
    const body = JSON.stringify(signed(notification));
    expect(rig().scheme.deliveryId?.(shown({}, body))).toBe(notification['MessageId']);
  });

  test('is good for as long as SNS tries, an hour, and five minutes', async () => {
    const at = async (agoMs: number): Promise<unknown> => {
      const Timestamp = new Date(nowMs - agoMs).toISOString();
      return rig().verdict(signed({ ...notification, Timestamp }));
    };
    expect(await at(65 * minuteMs)).toBe('admitted');
    expect(await at(65 * minuteMs + 1)).toBe('stale');
    expect(await at(-5 * minuteMs)).toBe('admitted');
    expect(await at(-5 * minuteMs - 1)).toBe('stale');
    expect(await rig().verdict(signed({ ...notification, Timestamp: 'now' }))).toBe('stale');
  });
});

describe('what is turned away', () => {
  test('a topic that is not on the list, before anything is fetched', async () => {
    const { verdict, fetched } = rig();
    expect(await verdict(signed(notification), [])).toBe('wrong-secret');
    expect(await verdict(signed(notification), [`${topic}x`, ''])).toBe('wrong-secret');
    expect(await verdict(signed({ ...notification, TopicArn: `${topic}x` }))).toBe('wrong-secret');
    expect(fetched).toEqual([]);
  });

  test.each([
    'http://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.us-east-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com.cn/a.pem',
    'https://sns.eu-west-1.amazonaws.com.evil.example/a.pem',
    'https://sns.eu-west-1.amazonaws.com@evil.example/a.pem',
    'https://sns.eu-west-1.amazonaws.com:444/a.pem',
    'https://evil.example/sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.s3-eu-west-1.amazonaws.com/a.pem',
    'https://SNS.eu-west-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem?x=.pem',
    'https://sns.eu-west-1.amazonaws.com/?Action=Publish&x=.pem',
    'https://sns.eu-west-1.amazonaws.com/../a.pem',
    'https://sns.eu-west-1.amazonaws.com/a.pem#x',
    'https://sns.eu-west-1.amazonaws.com/a.crt',
    'file:///a.pem',
    '',
  ])('a certificate at %j, which is never fetched', async (SigningCertURL) => {
    const { verdict, fetched } = rig();
    const verdictHere = await verdict(signed({ ...notification, SigningCertURL }));
    expect(verdictHere).toBe(SigningCertURL === '' ? 'no-secret' : 'wrong-secret');
    expect(fetched).toEqual([]);
  });

  test('any field that was changed after signing', async () => {
    const message = signed(notification);
    const { verdict } = rig();
    for (const name of ['Message', 'MessageId', 'Subject', 'Timestamp', 'Signature']) {
      const changed = { ...message, [name]: `${message[name]}x` };
      expect([name, await verdict(changed)]).toEqual([name, 'wrong-secret']);
    }
    const without = Object.fromEntries(
      Object.entries(message).filter(([name]) => name !== 'Subject'),
    );
    expect(await verdict(without)).toBe('wrong-secret');
    expect(await verdict({ ...message, SignatureVersion: '1' })).toBe('wrong-secret');
  });

  test('a message of another topic whose text holds the lines of ours', async () => {
    const foreign = `${topic}-of-mine`;
    const { MessageId = '', Timestamp = '' } = notification;
    const inside = `x\nMessageId\n${MessageId}\nTimestamp\n${Timestamp}\nTopicArn\n${topic}\nType\nNotification\n`;
    const theirs = signed({ ...notification, Message: inside, TopicArn: foreign });
    const { verdict } = rig();
    expect(await verdict({ ...theirs, TopicArn: topic })).toBe('wrong-secret');
    expect(await verdict({ ...theirs, Message: 'x', TopicArn: topic })).toBe('wrong-secret');
    const rest = `Notification\nTopicArn\n${foreign}\nType\nNotification`;
    expect(await verdict({ ...theirs, TopicArn: topic, Type: rest })).toBe('no-secret');
    expect(await verdict({ ...theirs, MessageId: `a\nb` })).toBe('no-secret');
  });

  test('a certificate that is not there, not one, of another kind of key, or has run out', async () => {
    const certificates = [undefined, 'nonsense', pemOf(ec), pemOf(rsa, nowMs - 1)];
    for (const answer of certificates) {
      const { verdict } = rig(() => Promise.resolve(answer));
      expect(await verdict(signed(notification))).toBe('wrong-secret');
    }
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(await rig().verdict(signed(notification, other.privateKey))).toBe('wrong-secret');
  });

  test.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another shape', '{"Type":"Notification"}'],
    ['a list', '[]'],
    ['bytes that are no UTF-8', Buffer.from([0xff, 0xfe])],
    ['10,000 deep', '['.repeat(10_000)],
    ['an unknown version', JSON.stringify({ ...signed(notification), SignatureVersion: '3' })],
  ])('%s', async (_what, body) => {
    const { scheme, fetched } = rig();
    expect(await scheme.verify(shown({}, body), [topic])).toBe('no-secret');
    expect(fetched).toEqual([]);
  });
});

describe('certificates', () => {
  test('one that cannot be fetched now is no wrong secret: SNS must come again', async () => {
    const { verdict, fetched } = rig(() => Promise.reject(new Error('unreachable')));
    await expect(verdict(signed(notification))).rejects.toBeInstanceOf(Unavailable);
    await expect(verdict(signed(notification))).rejects.toMatchObject({ why: 'certificate-away' });
    expect(fetched).toHaveLength(2);
  });

  test('are fetched once for all who wait, four at a time, and 16 are kept', async () => {
    let fetches = 0;
    let answer = (_pem: string): void => undefined;
    const certificates = createCertificates(() => {
      fetches += 1;
      return new Promise((resolve) => (answer = resolve));
    });
    const waiting = [certificates.at('a'), certificates.at('a')];
    expect(fetches).toBe(1);
    answer(pem);
    expect((await Promise.all(waiting)).every((one) => one !== undefined)).toBe(true);
    const more = ['b', 'c', 'd', 'e'].map((url) => certificates.at(url));
    await expect(certificates.at('f')).rejects.toMatchObject({ why: 'certificate-away' });
    expect(more).toHaveLength(4);
    expect(fetches).toBe(5);
  });

  test('only 16 are kept, the oldest go', async () => {
    const fetched: string[] = [];
    const certificates = createCertificates((url) => {
      fetched.push(url);
      return Promise.resolve(pem);
    });
    for (let n = 0; n < 17; n += 1) await certificates.at(`u${n}`);
    await certificates.at('u16');
    await certificates.at('u0');
    expect(fetched).toHaveLength(18);
  });

  test('lie with SNS in the region of the topic, in China under .cn', () => {
    const china = 'arn:aws-cn:sns:cn-north-1:123456789012:alarms';
    expect(isCertificateUrl('https://sns.cn-north-1.amazonaws.com.cn/a-b.pem', china)).toBe(true);
    expect(isCertificateUrl('https://sns.cn-north-1.amazonaws.com/a-b.pem', china)).toBe(false);
    const gov = 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:alarms';
    expect(placeOf(gov)).toEqual({ region: 'us-gov-west-1', domain: 'amazonaws.com' });
    expect(placeOf('arn:aws:sqs:eu-west-1:123456789012:alarms')).toBeUndefined();
    expect(placeOf('arn:aws:sns:evil.example/:123456789012:alarms')).toBeUndefined();
  });
});

test('a subscription is confirmed with its token, and nothing else is', async () => {
  const { scheme, confirmed } = rig();
  await scheme.confirm?.(shown({}, JSON.stringify(signed(notification))));
  const leaving = { ...confirmation, Type: 'UnsubscribeConfirmation' };
  await scheme.confirm?.(shown({}, JSON.stringify(signed(leaving))));
  expect(confirmed).toEqual([]);
  await scheme.confirm?.(shown({}, JSON.stringify(signed(confirmation))));
  expect(confirmed).toEqual([{ topicArn: topic, token: confirmation['Token'] }]);
});
