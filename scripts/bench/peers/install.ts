/** Peers in the user's cache folder, never in the repository: built once for each version, whole or not at all. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../servers/found.js';
import { notOnPath, onPath, run } from '../../setup/program.mjs';
import type { Peer } from './peer.js';

const npmMaxMs = 12 * 60_000;

/** Where it lies. Throws a sentence when it is not there and cannot be brought; tries again the next time. */
export async function installedPeer(peer: Peer, log: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), 'peers', `${peer.name}-${peer.version}`);
  const whole = join(folder, '.whole');
  if (existsSync(whole)) return folder;
  log(`installing ${peer.name} ${peer.version} into ${folder}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    await peer.install(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  writeFileSync(whole, '');
  return folder;
}

/** The programs' paths, in their order. Throws when PATH lacks one. */
export function programs<Names extends readonly string[]>(
  ...names: Names
): { readonly [Index in keyof Names]: string } {
  const missing = notOnPath(...names);
  if (missing !== undefined) throw new Error(missing);
  return names.map((name) => onPath(name) ?? name) as { [Index in keyof Names]: string };
}

/** A package and what it needs, without running anybody's install scripts. */
export async function npmInstall(
  folder: string,
  packages: Readonly<Record<string, string>>,
  overrides: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [npm] = programs('npm');
  const content = { private: true, dependencies: packages, overrides };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(content));
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const args = ['install', '--ignore-scripts', ...quiet];
  await run(npm, { args, folder, withinMs: npmMaxMs });
}
