/** What the notary is told, read from the environment once. No value of a secret is in an error. */
import { readFileSync, statSync } from 'node:fs';
import { readDestinations } from '../../activities/audit/destinations/index.js';
import type { Destination } from '../../activities/audit/destination.js';
import { parseSigningKey, type SigningKey } from '../../activities/audit/note.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Environment } from '../secrets.js';
import { SettingsError } from '../settings.js';

export interface NotarySettings {
  readonly databaseUrl: string;
  readonly key: SigningKey;
  readonly destinations: readonly Destination[];
  /** A line waits no longer for its checkpoint. */
  readonly everyMs: number;
  readonly host: string;
  readonly port: number;
  /** Null digests no histories. */
  readonly temporal: { readonly address: string; readonly namespace: string } | null;
}

const everySecondsUsual = 10;
const portUsual = 4484;

/** Throws a SettingsError that names every wrong one with its fix. */
export function readNotarySettings(env: Environment): NotarySettings {
  const problems: string[] = [];
  const databaseUrl = env['DATABASE_URL'] ?? '';
  if (!/^postgres(ql)?:\/\/\S+$/.test(databaseUrl))
    problems.push('DATABASE_URL is not usable: give postgres://user:password@host:port/db');
  const key = keyOf(env, problems);
  const places = env['BELAY_NOTARY_DESTINATIONS'] ?? '';
  const destinations = readDestinations(places, env, problems);
  if (places.trim() === '')
    problems.push(
      'BELAY_NOTARY_DESTINATIONS is not set: name where checkpoints go, best on another machine, such as file:/mnt/audit',
    );
  const everyMs = seconds(numberIn(env, problems, ['BELAY_NOTARY_SECONDS', everySecondsUsual, 60]));
  const port = numberIn(env, problems, ['BELAY_NOTARY_PORT', portUsual, 65_535]);
  if (problems.length > 0 || key === undefined) throw new SettingsError(problems);
  return {
    databaseUrl,
    key,
    destinations,
    everyMs,
    port,
    host: env['BELAY_NOTARY_HOST'] || '127.0.0.1',
    temporal: temporalIn(env),
  };
}

function temporalIn(env: Environment): NotarySettings['temporal'] {
  if (env['BELAY_NOTARY_HISTORIES'] === 'no') return null;
  return {
    address: env['TEMPORAL_ADDRESS'] || '127.0.0.1:7233',
    namespace: env['TEMPORAL_NAMESPACE'] || 'default',
  };
}

/** A container is given its key in its environment, since the files it is given have the rights of another machine. */
function keyOf(env: Environment, problems: string[]): SigningKey | undefined {
  const text = env['BELAY_NOTARY_KEY'] ?? '';
  if (text === '') return keyIn(env['BELAY_NOTARY_KEY_FILE'] ?? '', problems);
  try {
    return parseSigningKey(text);
  } catch (error) {
    problems.push(`BELAY_NOTARY_KEY: ${messageOf(error)}: give what belay audit key made`);
    return undefined;
  }
}

/** Only its owner may read it: who can sign can say that anything happened. */
function keyIn(file: string, problems: string[]): SigningKey | undefined {
  const name = 'BELAY_NOTARY_KEY_FILE';
  if (file === '') {
    problems.push(`${name} is not set: belay audit key <file> makes a key`);
    return undefined;
  }
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      problems.push(`${name}: others may read ${file}: chmod 600 ${file}`);
      return undefined;
    }
    return parseSigningKey(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = Object(error) as { code?: unknown };
    const why =
      typeof code.code === 'string' ? `it cannot be read (${code.code})` : messageOf(error);
    problems.push(`${name}: ${file}: ${why}: give the file that belay audit key made`);
    return undefined;
  }
}

function numberIn(
  env: Environment,
  problems: string[],
  [name, usual, max]: readonly [string, number, number],
): number {
  const text = env[name] || String(usual);
  if (/^\d{1,5}$/.test(text) && Number(text) <= max) return Number(text);
  problems.push(`${name} is not usable: give a whole number up to ${max}`);
  return usual;
}
