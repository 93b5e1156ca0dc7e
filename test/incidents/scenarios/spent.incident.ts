/** Nothing is left that may go wrong, or too much was risked already, or it all goes too fast. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { known } from '../../../workflows/domain/verdict.js';
import { changesOf, restartedOf } from '../aftermath.js';
import { fleetOf } from '../fleets.js';
import { incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

const five = fleetOf(5);
const fiveDown = {
  runbook: restartService,
  policy: five.policy({ restart: 5 }),
  services: five.services,
};

export default [
  incident('error-budget-spent', {
    incident: 'Knight Capital, August 2012: limits that were not wired to the stop',
    mechanism: 'a service whose error budget is overspent is changed further',
    guard: 'error budget: below what must be left a person decides',
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    guards: {
      rules: `errorBudget:
  services: [shop]
  leftMin: 10%
  maxAge: 5m
  query: slo:budget{service="$service"}
  prometheusUrl: http://127.0.0.1:9090`,
      errorBudgets: {
        leftOf: () => Promise.resolve(known({ left: -0.2, atMs: Number.MAX_SAFE_INTEGER })),
      },
    },
    given: (world) => world.dies('shop'),
    script: (s) => {
      s.at(0).fires('ServiceDown');
    },
    answer: {
      kind: 'outcome',
      says: /-20% of shop's error budget is left; it acts from 10%/,
      reason: 'error-budget-spent',
    },
    without: () => gateNotAsked('error-budget'),
    harm: (left) => {
      const changes = changesOf(left);
      return changes === undefined ? undefined : `${changes}; with no error budget left`;
    },
  }),
  incident('losses-without-a-limit', {
    incident: 'Knight Capital, August 2012: 45 minutes of orders that nothing counted together',
    mechanism: 'each repair is small and permitted, and nobody adds them up',
    guard: 'risk budget: so many points in a while, over all runs',
    ...fiveDown,
    guards: { rules: 'risk: { points: 4, within: 1h, irreversible: 2 }' },
    given: (world) => {
      for (const service of five.names) world.dies(service);
    },
    script: (s) => {
      for (const [at, service] of five.names.entries())
        s.at(`${at}m`).fires('ServiceDown', { service });
    },
    answer: { kind: 'outcome', says: /4 of 4 points of risk were taken/, reason: 'risk-spent' },
    without: () => gateNotAsked('budget'),
    harm: (left) => {
      const hit = restartedOf(left, five.names).length;
      return hit > 2 ? `took ${hit * 2} points of risk; 4 were permitted` : undefined;
    },
  }),
  incident('removed-too-fast', {
    incident: 'AWS S3, February 2017: too much, too fast for anybody to see what it did',
    mechanism: 'five repairs of one class begin within five seconds',
    guard: 'rate: so many actions of a class in a while, the rest waits its turn',
    ...fiveDown,
    guards: { rules: 'rate: { restart: { max: 2, within: 5m } }' },
    given: (world) => {
      for (const service of five.names) world.dies(service);
    },
    script: (s) => {
      for (const [at, service] of five.names.entries())
        s.at(`${at}s`).fires('ServiceDown', { service });
    },
    answer: { kind: 'decision', says: /at most 2 within 5m/, reason: 'rate-limited' },
    without: () => gateNotAsked('rate'),
    harm: ({ store }) => {
      const acts = store.ledger.filter(({ kind }) => kind === 'intent').map(({ atMs }) => atMs);
      const soon = acts.filter((atMs) => atMs < Math.min(...acts) + 60_000).length;
      return soon > 2 ? `${soon} processes were restarted within a minute` : undefined;
    },
  }),
];
