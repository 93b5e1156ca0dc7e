/** Which servers the set-up found or built on this machine; it only reads that list and never installs anything. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type ServerName =
  'temporal' | 'postgres' | 'testServer' | 'prometheus' | 'alertmanager' | 'supervisord';

/** A program to start, one that already runs at an address, or the reason why there is none. */
export type Found =
  { readonly path: string } | { readonly address: string } | { readonly absent: string };

/** The folder that is shared by all clones of one user: built servers and the list of what was found. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['BELAY_CACHE']) return env['BELAY_CACHE'];
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'belay');
}

/** Never throws: what the set-up did not list, or what is gone since, is absent with the command that brings it. */
export function findServer(name: ServerName): Found {
  if (name === 'temporal' && process.env['TEMPORAL_ADDRESS']) {
    return { address: process.env['TEMPORAL_ADDRESS'] };
  }
  const found = listed()[name];
  if (found === undefined) return { absent: `it was not set up: run ${setUpCommand(name)}` };
  if ('path' in found && !existsSync(found.path)) {
    return { absent: `${found.path} is gone: run ${setUpCommand(name)}` };
  }
  return found;
}

/** The program of a server that has to be started here; throws with the reason when there is none. */
export function programOf(name: ServerName): string {
  const found = findServer(name);
  if ('path' in found) return found.path;
  if ('address' in found) throw new Error(`${name} runs at ${found.address}: nothing to start`);
  throw new Error(`${name} cannot be started: ${found.absent}`);
}

function setUpCommand(name: ServerName): string {
  return `node scripts/setup/main.mjs ${name}`;
}

function listed(): Partial<Record<ServerName, Found>> {
  const file = join(cacheFolder(), 'servers.json');
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<ServerName, Found>>;
  } catch {
    return {};
  }
}
