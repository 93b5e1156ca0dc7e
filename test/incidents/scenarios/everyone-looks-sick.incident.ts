/** The probe is broken, not what it probes: most services, all of them healthy, raise the same alert; later the probe is mended. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { restartedOf } from '../aftermath.js';
import { fleetOf } from '../fleets.js';
import { incident } from '../incident.js';
import { gateNotAsked } from '../weak/gates.js';
import { stormEndsAtOnce } from '../weak/guards.js';

const ten = fleetOf(10);
const sixOfTen = ten.names.slice(0, 6);
const forty = fleetOf(40);
const sick = forty.names.slice(0, 24);
/** Those that are sick indeed. */
const down = sick.slice(14);
const soonMs = 20_000;

export default [
  incident('everyone-looks-sick', {
    incident: 'a health checker that is wrong: NHC minHealthy 51 %, kube zone 55 %',
    mechanism: 'six of ten healthy services raise the alert of a broken probe',
    guard: 'storm: above half of a zone or the fleet nothing is repaired by itself',
    runbook: restartService,
    policy: ten.policy({ restart: 4, vetoWindow: '30s' }),
    guards: { rules: 'blastRadius: off', fleet: ten.fleet() },
    services: ten.services,
    given: (world) => {
      for (const service of sixOfTen) world.alerts.probing(service, () => false);
    },
    script: (s) => {
      for (const service of sixOfTen) s.at(0).fires('ServiceDown', { service });
    },
    answer: { kind: 'outcome', says: /6 of 10 services in zone a are sick/, reason: 'storm' },
    without: () => gateNotAsked('storm'),
    harm: (left) => {
      const hit = restartedOf(left, sixOfTen).length;
      return hit > 2 ? `restarted ${hit} of 10 healthy services at once` : undefined;
    },
  }),
  incident('storm-end', {
    incident: 'medik8s #378, #387: the rest is hit the moment the threshold is met again',
    mechanism: 'the probe is mended, and ten that are down indeed were held meanwhile',
    guard: 'storm: it ends at a lower share than it began, and then lets in a few at a time',
    runbook: restartService,
    policy: forty.policy({ restart: 4, vetoWindow: '30s' }),
    guards: { rules: 'blastRadius: off\nbreaker: off', fleet: forty.fleet() },
    services: forty.services,
    given: (world) => {
      for (const service of sick) world.alerts.probing(service, () => false);
    },
    script: (s) => {
      for (const service of sick) s.at(0).fires('ServiceDown', { service });
      for (const [at] of sick.slice(0, 14).entries()) s.at('2m').resolves({ run: at + 1 });
      s.at('2m').world((world) => {
        for (const service of sick) world.alerts.probing(service, () => !down.includes(service));
        for (const service of down) world.dies(service);
        for (const service of down) world.alerts.probing(service, () => true);
      });
      s.between('2m', '8m').expects('effect', /done: restart node-14/);
    },
    answer: {
      kind: 'decision',
      says: /runs were let in since the storm in zone a ended, a few at a time/,
      reason: 'storm',
    },
    without: stormEndsAtOnce,
    harm: ({ store }) => {
      const acts = store.ledger.filter(({ kind }) => kind === 'intent').map(({ atMs }) => atMs);
      const first = Math.min(...acts);
      const soon = acts.filter((atMs) => atMs < first + soonMs).length;
      return soon > 4 ? `${soon} services were restarted within 20 s of its end` : undefined;
    },
  }),
];
