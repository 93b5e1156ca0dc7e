/** The places outside: folders, git with a remote, and S3 as the published example of its signature and a strict receiver have it. */
import { execFileSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Destination } from '../../activities/audit/destination.js';
import { fileDestination } from '../../activities/audit/destinations/file.js';
import { gitDestination } from '../../activities/audit/destinations/git.js';
import { readDestinations } from '../../activities/audit/destinations/index.js';
import { s3Destination, signed, type Bucket } from '../../activities/audit/destinations/s3.js';

let folder: string;
let receiver: Server;
let bucket: Bucket;
const objects = new Map<string, string>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-outside-'));
  receiver = createServer((request, response) => {
    void answered(request).then(({ status, text }) => response.writeHead(status).end(text));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const { port } = receiver.address() as AddressInfo;
  bucket = {
    endpoint: process.env['BELAY_TEST_S3_ENDPOINT'] ?? `http://127.0.0.1:${port}`,
    region: 'eu-test-1',
    bucket: 'audit',
    prefix: 'belay/a b+c',
    accessKeyId: 'AKIDEXAMPLE',
    secretAccessKey: 'secret/with+signs',
  };
});
afterAll(async () => {
  await new Promise((resolve) => receiver.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** Written from the rules of AWS Signature Version 4, and from nothing of ours: refuses what is not signed to the letter. */
async function answered(request: IncomingMessage): Promise<{ status: number; text: string }> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const authorization = request.headers.authorization ?? '';
  const names = (/SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '').split(';');
  const date = String(request.headers['x-amz-date']);
  const sha = (text: string) => createHash('sha256').update(text).digest('hex');
  const canonical = [
    request.method,
    path,
    query,
    ...names.map((name) => `${name}:${String(request.headers[name])}`),
    '',
    names.join(';'),
    sha(body),
  ].join('\n');
  const scope = `${date.slice(0, 8)}/eu-test-1/s3/aws4_request`;
  let key: string | Buffer = 'AWS4secret/with+signs';
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest();
  const signature = createHmac('sha256', key)
    .update(`AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha(canonical)}`)
    .digest('hex');
  const mandatory = ['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) =>
    names.includes(name),
  );
  if (
    !mandatory ||
    !authorization.includes(`Signature=${signature}`) ||
    request.headers['x-amz-content-sha256'] !== sha(body)
  )
    return { status: 403, text: '<Code>SignatureDoesNotMatch</Code>' };
  const name = decodeURIComponent(path);
  if (!name.startsWith('/audit')) return { status: 404, text: '<Code>NoSuchBucket</Code>' };
  if (request.method === 'PUT') {
    if (objects.has(name)) return { status: 412, text: '<Code>PreconditionFailed</Code>' };
    objects.set(name, body);
    return { status: 200, text: '' };
  }
  if (name !== '/audit') {
    const text = objects.get(name);
    return text === undefined
      ? { status: 404, text: '<Code>NoSuchKey</Code>' }
      : { status: 200, text };
  }
  const asked = new URLSearchParams(query);
  const keys = [...objects.keys()].map((one) => one.slice('/audit/'.length)).sort();
  const found = keys.filter(
    (one) => one.startsWith(asked.get('prefix') ?? '') && one > (asked.get('start-after') ?? ''),
  );
  const page = found.slice(0, 2);
  return {
    status: 200,
    text: `${page.map((one) => `<Contents><Key>${one}</Key></Contents>`).join('')}<IsTruncated>${String(found.length > 2)}</IsTruncated>`,
  };
}

test('a request is signed as in the published example of AWS', () => {
  const { headers } = signed(
    {
      endpoint: 'https://examplebucket.s3.amazonaws.com',
      region: 'us-east-1',
      bucket: '',
      prefix: '',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    },
    {
      method: 'GET',
      path: 'test.txt',
      headers: { range: 'bytes=0-9' },
    },
    new Date('2013-05-24T00:00:00Z'),
  );
  expect(headers['authorization']).toContain(
    'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  );
});

describe.each([
  ['a folder', () => fileDestination(join(folder, 'file'))],
  ['a git repository', () => gitDestination({ folder: join(folder, 'git') })],
  [
    'a git repository with a remote',
    () => gitDestination({ folder: join(folder, 'clone'), remote: remote() }),
  ],
  ['a bucket', () => s3Destination(bucket)],
])('%s', (_name, make) => {
  let place: Destination;
  beforeAll(() => {
    place = make();
  });

  test('keeps checkpoints, lists them by size, and gives them back', async () => {
    expect(await place.sizes(0)).toEqual([]);
    for (const size of [7, 300, 100_000, 2_000_000])
      await place.put({ size, note: `note of ${size}\n` });
    expect(await place.sizes(0)).toEqual([7, 300, 100_000, 2_000_000]);
    expect(await place.sizes(300)).toEqual([300, 100_000, 2_000_000]);
    expect(await place.sizes(2_000_001)).toEqual([]);
    expect(await place.get(300)).toBe('note of 300\n');
  });

  test('takes the same again, and never another of that size', async () => {
    await place.put({ size: 7, note: 'note of 7\n' });
    await expect(place.put({ size: 7, note: 'another\n' })).rejects.toThrow(
      'another checkpoint of 7 lines',
    );
    expect(await place.get(7)).toBe('note of 7\n');
    expect(await make().sizes(0)).toEqual([7, 300, 100_000, 2_000_000]);
  });
});

function remote(): string {
  const path = join(folder, 'remote.git');
  execFileSync('git', ['init', '--quiet', '--bare', path]);
  return path;
}

describe('what is wrong is said with its fix', () => {
  test('a folder that is a file', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    await expect(fileDestination(file).put({ size: 1, note: 'x' })).rejects.toThrow(
      /cannot be kept in .*a-file \(E(NOTDIR|EXIST)\): /,
    );
  });

  test('a remote that is not there, or has what this clone has not', async () => {
    const nowhere = gitDestination({
      folder: join(folder, 'clone2'),
      remote: join(folder, 'nowhere.git'),
    });
    await expect(nowhere.put({ size: 1, note: 'x' })).rejects.toThrow(
      'see that the repository is there',
    );
    const other = gitDestination({
      folder: join(folder, 'clone3'),
      remote: join(folder, 'remote.git'),
    });
    await expect(other.put({ size: 9, note: 'x' })).rejects.toThrow('somebody else pushed there');
  });

  test('a bucket that is not there, keys that are wrong, an endpoint that is away', async () => {
    const put = (change: Partial<Bucket>) => s3Destination({ ...bucket, ...change }).sizes(0);
    await expect(put({ bucket: 'other' })).rejects.toThrow(
      'answered 404 (NoSuchBucket): make the bucket',
    );
    await expect(put({ secretAccessKey: 'wrong' })).rejects.toThrow(
      'answered 403 (SignatureDoesNotMatch): give keys',
    );
    await expect(put({ endpoint: 'http://127.0.0.1:1' })).rejects.toThrow('does not answer');
    await expect(put({ secretAccessKey: 'wrong' })).rejects.not.toThrow('wrong');
  });

  test('settings', () => {
    const problems: string[] = [];
    const env = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const text =
      'file:/x, git:/y?remote=origin&branch=b s3://bucket/p?endpoint=https://s3.example file: s3:// s3://b?endpoint=x';
    const names = readDestinations(text, env, problems).map(({ name }) => name);
    expect(names).toEqual([
      'file:///x',
      'git:/y to origin b',
      's3://bucket/p at https://s3.example',
    ]);
    expect(problems).toHaveLength(3);
  });
});
