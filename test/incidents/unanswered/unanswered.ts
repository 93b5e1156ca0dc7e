/** Incidents that no guard answers yet: what happens, the harm, and the guard that is to come. Data only. */
import { readFileSync } from 'node:fs';
import { pathOf } from '../../support/story/bundles.js';

/** Guards that are to come, each with the sign by which it is known to be there. */
export const signs = {
  'switch-by-file': { file: 'docs/operating.md', says: /belay stop .* by a file/ },
} as const satisfies Record<string, Sign>;

export interface Sign {
  readonly file: string;
  readonly says: RegExp;
}

export interface Unanswered {
  readonly name: string;
  readonly incident: string;
  readonly harm: string;
  readonly needs: keyof typeof signs;
}

export const unanswered: readonly Unanswered[] = [
  {
    name: 'everything-but-the-file-is-down',
    incident: 'Facebook, October 2021; Cloudflare 2025: the way to stop it was on what was broken',
    harm: 'console, database and sign-in are down, and nobody can stop the engine',
    needs: 'switch-by-file',
  },
];

/** Is the guard there? */
export function isThere({ file, says }: Sign): boolean {
  return says.test(readFileSync(pathOf(file), 'utf8'));
}
