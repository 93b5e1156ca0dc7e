/** An action that heals nothing is tried on target after target; what nobody could tell is taken for nothing. */
import { restartedOf, restartsOf } from '../aftermath.js';
import { fleetOf } from '../fleets.js';
import { incident, type Harm } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';
import { inconclusiveIsNothing } from '../weak/guards.js';
import { policyText } from '../../support/story/policy.js';

const six = fleetOf(6);
const often: Harm = (left) => {
  const restarts = restartsOf(left, 'shop');
  return restarts > 3 ? `restarted shop ${restarts} times, and halted each time` : undefined;
};

export default [
  incident('ineffective-again-and-again', {
    incident: 'Kubernaut: 39 repairs that did nothing; OneUptime: 3 an hour, then a person',
    mechanism: 'a restart that does not help is tried on one service after the other',
    guard: 'breaker: after so many failures in a row an action is left alone',
    runbook: restartBlindly,
    policy: six.policy({ restart: 5 }),
    guards: { rules: 'breaker: { action: { failures: 3, retryAfter: 30m } }' },
    services: six.services,
    given: (world) => world.alerts.firing('ServiceDown'),
    script: (s) => {
      for (const [at, service] of six.names.entries())
        s.at(`${at * 3}m`).fires('ServiceDown', { service });
    },
    answer: {
      kind: 'outcome',
      says: /on any target failed 3 times in a row/,
      reason: 'breaker-open',
    },
    without: () => gateNotAsked('breaker'),
    harm: (left) => {
      const hit = restartedOf(left, six.names).length;
      return hit > 3 ? `restarted ${hit} services by an action that helped none` : undefined;
    },
  }),
  incident('inconclusive-again-and-again', {
    incident: 'Kubernaut #1090: what was inconclusive passed the breaker, 39 retries',
    mechanism: 'each repair is halted before anybody can tell whether it helped',
    guard: 'breaker: what nobody can tell counts as a failure',
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    guards: { rules: 'recurring: off' },
    given: (world) => world.alerts.firing('ServiceDown'),
    script: (s) => {
      for (let nth = 0; nth < 6; nth += 1) {
        s.at(`${nth * 3}m`).fires('ServiceDown');
        if (nth < 3) s.at(nth * 180_000 + 20_000).halts('ana');
      }
    },
    answer: {
      kind: 'outcome',
      says: /on process:local\/shop failed 3 times in a row/,
      reason: 'breaker-open',
    },
    without: inconclusiveIsNothing,
    harm: often,
  }),
];
