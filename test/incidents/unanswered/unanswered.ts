/** Incidents that no guard answers yet: what happens, the harm, and the guard that is to come. Data, and the harm where it is played. */
import { readFileSync } from 'node:fs';
import { pathOf } from '../../support/story/bundles.js';
import type { Story } from '../../support/story/story.js';
import type { Harm } from '../incident.js';
import { feedbackLoop } from './feedback-loop.js';
import { flapping } from './flapping.js';
import { everyoneLooksSick } from './everyone-looks-sick.js';

/** Guards that are to come, each with the sign by which it is known to be there. */
export const signs = {
  recurring: gateNamed('recurring'),
  storm: gateNamed('storm'),
  'blast-radius': gateNamed('blast-radius'),
  frozen: gateNamed('frozen'),
  budget: gateNamed('budget'),
  breaker: gateNamed('breaker'),
  dependency: gateNamed('dependency'),
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
  /** The story in which the harm does happen with everything that is there now. */
  readonly played?: { readonly story: Story; readonly harm: Harm };
}

export const unanswered: readonly Unanswered[] = [
  {
    name: 'feedback-loop',
    incident: 'restart, "down" while it starts, restart: CAPI #2976, NHC #274',
    harm: 'each repair raises the alert that starts the next',
    needs: 'recurring',
    played: feedbackLoop,
  },
  {
    name: 'failover-flapping',
    incident: 'orchestrator before its block of 3,600 s: failover after failover',
    harm: 'an alert that comes and goes each minute is repaired each minute',
    needs: 'recurring',
    played: flapping,
  },
  {
    name: 'everyone-looks-sick',
    incident: 'a health checker that is wrong: NHC minHealthy 51 %, kube zone 55 %',
    harm: 'a whole healthy fleet is restarted within seconds',
    needs: 'storm',
    played: everyoneLooksSick,
  },
  {
    name: 'storm-end',
    incident: 'medik8s #378, #387: the rest is hit the moment the threshold is met again',
    harm: 'all that was held acts at once when the storm ends',
    needs: 'storm',
  },
  {
    name: 'several-domains-at-once',
    incident: 'Google, June 2019: one scope error took several locations',
    harm: 'alerts from all failure domains are repaired at once',
    needs: 'blast-radius',
  },
  {
    name: 'last-healthy-one',
    incident: 'AWS S3, February 2017: capacity removed below what the rest needs',
    harm: 'the last healthy instance is restarted too',
    needs: 'blast-radius',
  },
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
    name: 'change-freeze',
    incident: 'Rundeck: a calendar that manual starts and webhooks pass by',
    harm: 'acts by itself on a day on which nobody should',
    needs: 'frozen',
  },
  {
    name: 'error-budget-spent',
    incident: 'Knight Capital, August 2012: limits that were not wired to the stop',
    harm: 'goes on taking risks for a service that has none left to take',
    needs: 'budget',
  },
  {
    name: 'ineffective-again-and-again',
    incident: 'Kubernaut: 39 repairs that did nothing; OneUptime: 3 an hour, then a person',
    harm: 'an action that keeps failing, on target after target, is still tried',
    needs: 'breaker',
  },
  {
    name: 'symptom-of-a-dependency',
    incident: 'AWS DynamoDB, October 2025: what depended on it was repaired, in vain',
    harm: 'services are restarted for the fault of the one below them',
    needs: 'dependency',
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

function gateNamed(name: string): Sign {
  return { file: 'workflows/gates/index.ts', says: new RegExp(`/${name}\\.js'`) };
}
