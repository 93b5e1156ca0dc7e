/** A policy by which every service of these tests may be repaired alone: what says no is then a guard. */
import { parsePolicy } from '../../../activities/policy/parse.js';

const services = ['shop', 'cart', 'mail', 'db', 'web', 'a', 'b', 'c', 'd'];

export const anyServicePolicy = parsePolicy(
  JSON.stringify({
    version: 1,
    self: ['belay*'],
    levels: { restart: { warning: 4 } },
    chains: { default: [{ notify: 'on-call', wait: '5m' }] },
    services: Object.fromEntries(
      services.map((name) => [name, { tier: 'warning', environment: 'demo' }]),
    ),
  }),
  'services.yaml',
);
