/** Where Belay itself lies, whether it runs from its sources or from dist/; reads nothing there. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const levelsMax = 6;

/** The nearest folder above this file that holds a package.json. Throws when there is none, which is a broken install. */
export function projectFolder(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  let folder = start;
  for (let level = 0; level < levelsMax; level += 1) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    folder = dirname(folder);
  }
  throw new Error(`no package.json above ${start}: this install of Belay is not whole`);
}
