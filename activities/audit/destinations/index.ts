/** The places outside that a setting names, one URL each: `file:`, `s3:` or `git:`. Opens nothing before it is used. */
import { isAbsolute, resolve } from 'node:path';
import type { Destination } from '../destination.js';
import { fileDestination } from './file.js';
import { gitDestination } from './git.js';
import { s3Destination } from './s3.js';

type Environment = Readonly<Record<string, string | undefined>>;

const forms =
  'file:<folder>, git:<folder>?remote=<remote>&branch=<branch>, or s3://<bucket>/<prefix>?endpoint=<url>&region=<region>';

/** Separated by spaces or commas. Adds what is wrong to `problems`; no value of a secret is in it. */
export function readDestinations(
  text: string,
  env: Environment,
  problems: string[],
): Destination[] {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  return parts.flatMap((part) => {
    const made = destinationOf(part, env);
    if (typeof made !== 'string') return [made];
    problems.push(made);
    return [];
  });
}

function destinationOf(text: string, env: Environment): Destination | string {
  const [, scheme = '', rest = '', query = ''] =
    /^([a-z0-9]+):([^?]*)(?:\?(.*))?$/.exec(text) ?? [];
  const given = new URLSearchParams(query);
  if (scheme === 'file' && rest !== '') return fileDestination(folderOf(rest));
  if (scheme === 'git' && rest !== '') {
    const [remote, branch] = [given.get('remote'), given.get('branch')];
    return gitDestination({
      folder: folderOf(rest),
      ...(remote === null ? {} : { remote }),
      ...(branch === null ? {} : { branch }),
    });
  }
  if (scheme === 's3') return bucketOf(rest, given, env);
  return `"${text.split('?')[0] ?? ''}" is no place for checkpoints: give ${forms}`;
}

function folderOf(rest: string): string {
  const path = decodeURIComponent(rest.replace(/^\/\/(?=\/)/, ''));
  return isAbsolute(path) ? path : resolve(path);
}

function bucketOf(rest: string, given: URLSearchParams, env: Environment): Destination | string {
  const [bucket = '', ...prefix] = rest.replace(/^\/+/, '').split('/');
  const region = given.get('region') ?? env['AWS_REGION'] ?? 'us-east-1';
  const endpoint = given.get('endpoint') ?? `https://s3.${region}.amazonaws.com`;
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (bucket === '') return `s3 without a bucket: give ${forms}`;
  if (!/^https?:\/\/[^/\s]+/.test(endpoint))
    return `s3://${bucket}: its endpoint is no URL: give ${forms}`;
  if (!accessKeyId || !secretAccessKey)
    return `s3://${bucket} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: give both`;
  return s3Destination({
    endpoint,
    region,
    bucket,
    prefix: prefix.filter(Boolean).join('/'),
    accessKeyId,
    secretAccessKey,
  });
}
