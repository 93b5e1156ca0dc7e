/**
 * Checkpoints as objects in an S3-compatible bucket, best with object lock. Signs its requests by itself (AWS Signature Version 4);
 * never overwrites and never deletes. Its secret is in no error.
 */
import { createHmac, hash } from 'node:crypto';
import { seconds } from '../../../workflows/domain/time.js';
import { DestinationError, Forked, pathOfSize, sizesIn, type Destination } from '../destination.js';

export interface Bucket {
  /** Such as `https://s3.eu-central-1.amazonaws.com`; the bucket goes into the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Without slashes at the ends; may be empty. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const answerWithinMs = seconds(15);
/** 1,000 keys each. */
const pagesMax = 10_000;

interface Request {
  readonly method: 'GET' | 'PUT';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Throws DestinationErrors that name the endpoint and what it said. */
export function s3Destination(place: Bucket): Destination {
  const { bucket, prefix } = place;
  const name = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`} at ${place.endpoint}`;
  const keyOf = (size: number): string => [prefix, pathOfSize(size)].filter(Boolean).join('/');
  const ask = (request: Request): Promise<Answer> => asked(place, request, name);
  const read = (size: number): Promise<Answer> => ask({ method: 'GET', path: keyOf(size) });
  return {
    name,
    async put({ size, note }) {
      const there = await read(size);
      if (there.status === 200 && there.text === note) return;
      if (there.status === 200) throw new Forked(`${name}/${keyOf(size)}`, size);
      if (there.status !== 404) throw refusal(name, there);
      const headers = { 'content-type': 'text/plain; charset=utf-8', 'if-none-match': '*' };
      const done = await ask({ method: 'PUT', path: keyOf(size), headers, body: note });
      const now = await read(size);
      if (now.status === 200 && now.text !== note) throw new Forked(`${name}/${keyOf(size)}`, size);
      if (now.status !== 200) throw refusal(name, done.status >= 300 ? done : now);
    },
    sizes: async (from) => sizesIn(await listed(ask, { prefix, from, name }), from),
    async get(size) {
      const answer = await read(size);
      if (answer.status !== 200) throw refusal(name, answer);
      return answer.text;
    },
  };
}

interface Listing {
  readonly prefix: string;
  readonly from: number;
  readonly name: string;
}

async function listed(
  ask: (request: Request) => Promise<Answer>,
  { prefix, from, name }: Listing,
): Promise<string[]> {
  const folder = prefix === '' ? '' : `${prefix}/`;
  const keys: string[] = [];
  let startAfter = from > 0 ? `${folder}${pathOfSize(from - 1)}` : '';
  for (let page = 0; page < pagesMax; page += 1) {
    const query = { 'list-type': '2', prefix: folder, 'start-after': startAfter };
    const answer = await ask({ method: 'GET', path: '', query });
    if (answer.status !== 200) throw refusal(name, answer);
    const found = [...answer.text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
    keys.push(...found);
    const last = found.at(-1);
    if (last === undefined || !answer.text.includes('<IsTruncated>true</IsTruncated>')) return keys;
    startAfter = last;
  }
  throw new DestinationError(
    `${name} holds too many objects to list`,
    'give it a prefix of its own',
  );
}

async function asked(place: Bucket, request: Request, name: string): Promise<Answer> {
  const { url, headers } = signed(place, request, new Date());
  const { method, body } = request;
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const response = await fetch(url, {
      method,
      headers,
      signal,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? cause.message : 'no answer';
    throw new DestinationError(
      `${name} does not answer (${why})`,
      'see that the endpoint is right and reachable',
    );
  }
}

const fixes: Readonly<Record<number, string>> = {
  301: 'give the region the bucket is in',
  400: 'give the region the bucket is in',
  403: 'give keys that may list, get and put objects there',
  404: 'make the bucket, or name another',
};

function refusal(name: string, { status, text }: Answer): DestinationError {
  const [, code = 'no code'] = /<Code>([^<]{1,80})<\/Code>/.exec(text) ?? [];
  const fix = fixes[status] ?? 'see what the endpoint says about it';
  return new DestinationError(`${name} answered ${status} (${code})`, fix);
}

/** By the rules of AWS Signature Version 4, for one moment. */
export function signed(
  place: Bucket,
  { method, path, query = {}, headers = {}, body = '' }: Request,
  at: Date,
): { url: string; headers: Record<string, string> } {
  const base = new URL(place.endpoint);
  const uri = encodedPath([base.pathname.replace(/\/+$/, ''), place.bucket, path]);
  const queryText = canonicalQuery(query);
  const stamp = at.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const bodyHash = hash('sha256', body, 'hex');
  const all: Record<string, string> = {
    ...headers,
    host: base.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': stamp,
  };
  const names = Object.keys(all).sort();
  const canonicalHeaders = names.map((name) => `${name}:${(all[name] ?? '').trim()}\n`).join('');
  const canonical = [method, uri, queryText, canonicalHeaders, names.join(';'), bodyHash].join(
    '\n',
  );
  const scope = `${stamp.slice(0, 8)}/${place.region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, hash('sha256', canonical, 'hex')].join('\n');
  const signature = hmac(keyFor(place, stamp.slice(0, 8)), toSign).toString('hex');
  const credential = `Credential=${place.accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  const url = `${base.origin}${uri}${queryText === '' ? '' : `?${queryText}`}`;
  return { url, headers: { ...all, authorization } };
}

function keyFor({ secretAccessKey, region }: Bucket, day: string): Buffer {
  return [region, 's3', 'aws4_request'].reduce(
    hmac,
    hmac(Buffer.from(`AWS4${secretAccessKey}`), day),
  );
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function encodedPath(parts: readonly string[]): string {
  const path = parts.filter((part) => part !== '').join('/');
  return `/${path.split('/').filter(Boolean).map(encoded).join('/')}`;
}

function canonicalQuery(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== '');
  return pairs
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
