/** What the audit commands are to believe: the notary's public key, and the places outside. Reads settings and files, opens nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { DestinationError, type Destination } from '../../../activities/audit/destination.js';
import { readDestinations } from '../../../activities/audit/destinations/index.js';
import { NoteError, parseVerifierKey, type VerifierKey } from '../../../activities/audit/note.js';
import { checkpointFolderIn, publicKeyFileIn } from '../../engine/notary-key.js';
import { stateFolderOf } from '../addresses.js';
import { misused, refused } from '../complaint.js';
import type { Terminal } from '../terminal.js';

export interface TrustOptions {
  readonly key?: string;
  readonly outside?: readonly string[];
}

export const keyOption = [
  '--key <key>',
  "the notary's public key or its file; else BELAY_NOTARY_PUBLIC_KEY, else that of belay up",
] as const;

/** Throws the complaint that says how to give one. */
export function keyOf(terminal: Terminal, { key }: TrustOptions): VerifierKey {
  const usual = publicKeyFileIn(stateFolderOf(terminal));
  const given = key ?? (terminal.env['BELAY_NOTARY_PUBLIC_KEY'] || usual);
  const isFile = existsSync(given);
  if (given === usual && !isFile)
    throw misused('no key is known to believe', 'give the public key of the notary with --key');
  try {
    return parseVerifierKey(isFile ? readFileSync(given, 'utf8') : given);
  } catch (error) {
    const why = error instanceof NoteError ? error.message : 'it cannot be read';
    throw misused(`${isFile ? given : 'the key'}: ${why}`, 'give what belay audit key printed');
  }
}

/** Where checkpoints were brought; empty when nobody knows of a place. */
export function outsideOf(terminal: Terminal, { outside }: TrustOptions): Destination[] {
  const { env } = terminal;
  const own = checkpointFolderIn(stateFolderOf(terminal));
  const usual = existsSync(own) ? `file:${encodeURI(own)}` : '';
  const text = outside?.join(' ') ?? (env['BELAY_NOTARY_DESTINATIONS'] || usual);
  const problems: string[] = [];
  const found = readDestinations(text, env, problems);
  const [problem] = problems;
  if (problem !== undefined) throw misused(problem.split(': ')[0] ?? problem, problem);
  return found;
}

/** What a place outside refused, in the words of the command line. */
export function saidOfOutside(error: unknown): unknown {
  return error instanceof DestinationError ? refused(error.what, error.fix) : error;
}
