/** Draws every V8 profile of a folder as a flame graph beside it. Reads and writes files, and measures nothing. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectFolder } from '../../engine/project-folder.js';
import { parseProfile, treeOf } from '../flame/profile.js';
import { svgOf } from '../flame/svg.js';

const ending = '.cpuprofile';

/** The files it wrote. Throws when the folder has no profile, or one that is none. */
export function drawFlames(folder: string): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(ending));
  if (files.length === 0) throw new Error(`${folder} holds no ${ending} file`);
  const root = pathToFileURL(`${projectFolder()}/`).href;
  return files.map((name) => {
    const file = join(folder, name);
    const tree = treeOf(parseProfile(readFileSync(file, 'utf8'), file), root);
    const target = `${file.slice(0, -ending.length)}.svg`;
    writeFileSync(target, svgOf(tree, basename(name, ending)));
    return target;
  });
}
