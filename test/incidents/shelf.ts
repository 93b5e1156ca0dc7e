/** Finds every incident by its file: one or several as the default export. Plays none. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Incident } from './incident.js';

const folder = fileURLToPath(new URL('scenarios/', import.meta.url));

/** In the order of their files. Throws when two have one name. */
export async function allIncidents(): Promise<Incident[]> {
  const found: Incident[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith('.incident.ts')) continue;
    const told = (await import(join(folder, file))) as { default: Incident | Incident[] };
    found.push(...[told.default].flat());
  }
  const names = found.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new RangeError(`two incidents are called ${twice}`);
  return found;
}
