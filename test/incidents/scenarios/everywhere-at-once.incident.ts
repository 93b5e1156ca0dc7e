/** One change for all, which makes what it touches sick: at once, or a while later. */
import type { FakeWorld } from '../../support/fake-world/fake-world.js';
import { fleetOf } from '../fleets.js';
import { incident, type Aftermath } from '../incident.js';
import { lowerByStages } from '../runbooks.js';
import { retriesOf } from '../aftermath.js';
import { allAtOnce, oneLookIsEnough } from '../weak/runbook.js';

const eight = fleetOf(8);

const scene = {
  guard: 'canary: one first, then a share, each stage seen to stay well before the next begins',
  runbook: lowerByStages(eight.names),
  policy: eight.policy({ configure: 5 }),
  services: eight.services,
  guards: { rules: 'blastRadius: off' },
  answer: {
    kind: 'outcome',
    says: /^undone: not within 1m: stage 1 of 5: the probe of node-0 answers/,
    reason: 'not-confirmed',
  },
} as const;

/** What was changed falls sick once it has been looked at so often. */
function sickens(world: FakeWorld, looks: number): void {
  for (const service of eight.names) {
    let seen = 0;
    world.alerts.probing(service, () => {
      if (world.settings.loaded(service, 'retries') !== 3) return true;
      seen += 1;
      return seen <= looks;
    });
  }
}

/** Services that were ever changed, whether or not that was taken back. */
function changed({ world }: Aftermath): number {
  return eight.names.filter((service) =>
    world.effects.some(({ what }) => what === `set retries of ${service} to 3`),
  ).length;
}

export default [
  incident('instant-global-setting', {
    ...scene,
    incident: 'Cloudflare, November and December 2025: configuration everywhere in seconds',
    mechanism: 'there is no first target after which it could have stopped',
    given: (world) => sickens(world, 0),
    script: (s) => {
      s.at(0).fires('RetryStorm', { service: 'node-0' });
    },
    without: allAtOnce,
    harm: (left) => {
      const sick = changed(left);
      if (sick <= 1) return undefined;
      const stand = eight.names.filter((service) => retriesOf(left, service) === 3).length;
      return `${sick} of 8 services were made sick at once; ${stand} of them still are`;
    },
  }),
  incident('same-change-everywhere', {
    ...scene,
    incident: 'AWS EBS 2011, Datadog, March 2023: one change in every zone',
    mechanism: 'a change is at all targets before the first one has been seen to stay well',
    given: (world) => sickens(world, 2),
    script: (s) => {
      s.at(0).fires('RetryStorm', { service: 'node-0' });
    },
    without: oneLookIsEnough,
    harm: (left) => {
      const sick = changed(left);
      return sick > 1 ? `${sick} of 8 services had the change that makes them sick` : undefined;
    },
  }),
];
