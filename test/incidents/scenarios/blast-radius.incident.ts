/** Too much at once: a repair in every failure domain, and one that leaves nothing standing. */
import { implementFact } from '../../../activities/adapter.js';
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { shopCartAndMail } from '../../support/story/services.js';
import { mostAtOnce, restartedOf } from '../aftermath.js';
import { fleetOf } from '../fleets.js';
import { incident } from '../incident.js';
import { restartSelected, selectServices } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

const three = fleetOf(3);
const all = ['shop', 'cart', 'mail'];
const selectAll = implementFact(selectServices, () => Promise.resolve(all));

export default [
  incident('several-domains-at-once', {
    incident: 'Google, June 2019: one scope error took several locations',
    mechanism: 'alerts from all failure domains come at once',
    guard: 'blast radius: one zone at a time, unless more are permitted',
    runbook: restartService,
    policy: three.policy({ restart: 5 }),
    guards: {
      rules: 'storm: off\nblastRadius: { zonesAtOnce: 1 }',
      fleet: three.fleet((at) => `zone-${at}`),
    },
    services: three.services,
    given: (world) => {
      for (const service of three.names) {
        world.dies(service);
        world.alerts.probing(service, () => false);
      }
    },
    script: (s) => {
      for (const service of three.names) s.at(0).fires('ServiceDown', { service });
    },
    answer: {
      kind: 'decision',
      says: /more zones of the fleet would exceed 1/,
      reason: 'blast-radius',
    },
    without: () => gateNotAsked('blast-radius'),
    harm: (left) => {
      const most = mostAtOnce(left);
      return most > 1 ? `worked on ${most} failure domains at once` : undefined;
    },
  }),
  incident('last-healthy-one', {
    incident: 'AWS S3, February 2017: capacity removed below what the rest needs',
    mechanism: 'a selector gives every instance of a service',
    guard: 'blast radius: so many instances stay untouched, always',
    runbook: restartSelected,
    policy: policyText({ restart: 5 }),
    guards: {
      rules: 'blastRadius: { service: { share: 100% } }',
      fleet: 'shop: { instances: 3, minHealthy: 1 }',
    },
    services: shopCartAndMail,
    scenery: () => ({ instead: { adapters: (known) => [...known, selectAll] } }),
    script: (s) => {
      s.at(0).fires('ServiceDown');
    },
    answer: { kind: 'outcome', says: /1 of 3 stay healthy/, reason: 'blast-radius' },
    without: () => gateNotAsked('blast-radius'),
    harm: (left) => {
      const hit = restartedOf(left, all);
      return hit.length === 3 ? 'restarted the last healthy instance too' : undefined;
    },
  }),
];
