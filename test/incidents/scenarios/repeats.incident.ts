/** The same alert again and again: from a sender that repeats, and after a repair that did not help. */
import { policyText } from '../../support/story/policy.js';
import type { Script } from '../../support/story/script.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Harm } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { repeatsAreNew } from '../weak/intake.js';

const guard = 'one episode, one run: its id is fingerprint and startsAt, and is never used twice';
const twice: Harm = (left) => {
  const restarts = restartsOf(left, 'shop');
  return restarts > 1 ? `restarted shop ${restarts} times for one alert` : undefined;
};

function repeated(s: Script, everyS: number): void {
  for (let nth = 0; nth < 6; nth += 1) {
    const passedS = nth * everyS;
    s.at(passedS * 1000).fires('ServiceDown', { since: passedS * 1000 });
  }
}

export default [
  incident('storm-of-repeats', {
    incident: 'Keep #1549: two equal alerts within 2 s, two actions; n8n: 3 posts, 3 runs',
    mechanism: 'six deliveries of one alert within ten seconds',
    guard,
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    guards: { rules: 'recurring: off\nbreaker: off' },
    given: (world) => world.dies('shop'),
    script: (s) => repeated(s, 2),
    answer: { kind: 'inbox', says: /the run was there already/ },
    without: repeatsAreNew,
    harm: twice,
  }),
  incident('same-fix-again', {
    incident: 'Lightspeed PR #421, #450: the same fix again after its verification had failed',
    mechanism: 'the fix does not help, and the sender repeats its alert every four minutes',
    guard,
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    guards: { rules: 'recurring: off\nbreaker: off' },
    given: (world) => {
      world.dies('shop');
      world.alerts.firing('ServiceDown');
    },
    script: (s) => {
      repeated(s, 240);
      s.between('1m', '2m').expects('outcome', /^unresolved: not within 1m/);
      s.between('1m', '2m').expects('notice', /unresolved/);
    },
    answer: { kind: 'inbox', says: /the run was there already/ },
    without: repeatsAreNew,
    harm: twice,
  }),
];
