/** It was over after 43 seconds; the answer comes after that. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Harm } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { beforeImageIgnored } from '../weak/adapters.js';
import { gateNotAsked } from '../weak/gates.js';
import { whatWasSeenIsSo } from '../weak/people.js';

const github = 'GitHub, October 2018: a blip of 43 s, a failover, 24 h of repair';
const healthyRestarted: Harm = (left) => {
  const restarts = restartsOf(left, 'shop');
  return restarts > 0 ? `restarted shop, healthy since 43 s after the alert` : undefined;
};

export default [
  incident('blip-restarted-by-hand', {
    incident: github,
    mechanism: 'somebody repaired it while people were asked',
    guard: 'fencing: the process is not the one of the plan any more',
    runbook: restartBlindly,
    policy: policyText({ restart: 3 }),
    given: (world) => world.dies('shop'),
    script: (s) => {
      s.at(0).fires('ServiceDown');
      s.at('43s').world((world) => world.processes.restartedByHand(world.refOf('shop')));
      s.at('2m').approves('ana');
    },
    answer: { kind: 'effect', says: /^not done: .* it was EXITED \(pid 0\) and is now RUNNING/ },
    without: beforeImageIgnored,
    harm: healthyRestarted,
  }),
  incident('blip-over-by-itself', {
    incident: github,
    mechanism: 'it answers again by itself, in the same process: no before-image shows it',
    guard: 'what was observed is observed again before the first step',
    runbook: restartService,
    policy: policyText({ restart: 3 }),
    given: (world) => world.alerts.probing('shop', () => false),
    script: (s) => {
      s.at(0).fires('ServiceDown');
      s.at('43s').world((world) => world.alerts.probing('shop', () => true));
      s.at('2m').approves('ana');
      s.between('2m', '3m').expectsNo('intent', /./);
      s.between('2m', '3m').expects('decision', /^nothing was done: /);
    },
    answer: { kind: 'outcome', says: /^resolved: / },
    without: whatWasSeenIsSo,
    harm: healthyRestarted,
  }),
  incident('resolved-while-it-waited', {
    incident: github,
    mechanism: 'the sender says that it is over while another run holds the target',
    guard: 'resolved: asked again whenever the gates are',
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    given: (world) => world.alerts.firing('ServiceDown'),
    script: (s) => {
      const held = { target: 'process:local/shop', holder: 'other.fp.1' };
      s.at(0).store(
        ({ leases }) => void (leases as Map<string, typeof held>).set(held.target, held),
      );
      s.at('1s').fires('ServiceDown');
      s.at('43s').world((world) => world.clears('ServiceDown'));
      s.at('44s').resolves();
      s.at('2m').store(({ leases }) => void (leases as Map<string, unknown>).clear());
    },
    answer: { kind: 'decision', says: /resolved: refuse/, reason: 'resolved-meanwhile' },
    without: () => gateNotAsked('resolved'),
    harm: healthyRestarted,
  }),
];
