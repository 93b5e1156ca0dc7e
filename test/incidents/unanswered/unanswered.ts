/** Incidents that no guard answers yet: what happens, the harm, and the guard that is to come. Data only. */
import { readFileSync } from 'node:fs';
import { pathOf } from '../../support/story/bundles.js';

/** Guards that are to come, each with the sign by which it is known to be there. */
export const signs = {
  canary: { file: 'workflows/runbook.ts', says: /^ {2}canary[(<]/m },
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
    name: 'same-change-everywhere',
    incident: 'AWS EBS 2011, Datadog, March 2023: one change in every zone',
    harm: 'a change is at all targets before the first one has been seen to be well',
    needs: 'canary',
  },
  {
    name: 'instant-global-setting',
    incident: 'Cloudflare, November and December 2025: configuration everywhere in seconds',
    harm: 'there is no first target after which it could have stopped',
    needs: 'canary',
  },
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
