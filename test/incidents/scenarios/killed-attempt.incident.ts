/** An attempt that was given up lives on, or was never dead: what it does comes late, or twice. */
import type { CallFunction } from '../../../activities/effects.js';
import { changeSetting } from '../../../workflows/actions/setting.js';
import { Failure } from '../../../workflows/domain/failure.js';
import { minutes, seconds } from '../../../workflows/domain/time.js';
import { policyText } from '../../support/story/policy.js';
import { effectOf } from '../../support/story/sites.js';
import { restartsOf, retriesOf } from '../aftermath.js';
import { incident, type Scenery } from '../incident.js';
import { lowerBlindly, restartBlindly } from '../runbooks.js';
import { operationsNotClaimed } from '../weak/adapters.js';
import { wrapping } from '../weak/calls.js';

const guard = 'one claim per operation: what is done is done, and no later attempt does it again';

/** The first attempt hangs, is given up after three seconds, and writes ten minutes later after all. */
function firstAttemptIsAZombie(): Scenery {
  let attempts = 0;
  const isApply = (name: string): boolean => name === changeSetting.apply.name;
  const calls = wrapping(isApply, (call, time): CallFunction => async (asked, context) => {
    attempts += 1;
    if (attempts > 1) return call(asked, context);
    time.at(time.now() + minutes(10), () => void call(asked, context).catch(() => undefined));
    await time.sleep(seconds(3));
    throw new Failure('transient', 'no heartbeat for 3s');
  });
  return { instead: { calls } };
}

export default [
  incident('killed-attempt-writes-late', {
    incident: 'Kestra #19722: an attempt of a killed run wrote for 31 min',
    mechanism: 'the repair was taken back; then the attempt that was given up writes',
    guard,
    runbook: lowerBlindly,
    policy: policyText({ configure: 5 }),
    given: (world) => world.storms('shop', { endsAtRetries: -1 }),
    scenery: firstAttemptIsAZombie,
    script: (s) => {
      s.at(0).fires('RetryStorm');
      s.at('20m').world(() => undefined);
    },
    answer: { kind: 'undo', says: /^taken back: set retries of shop to 3/ },
    without: operationsNotClaimed,
    harm: (left) => {
      return retriesOf(left) === 3 ? 'changed after the run had ended, by nobody' : undefined;
    },
  }),
  incident('slow-taken-for-dead', {
    incident: 'Windmill #9214: a slow worker was judged dead and its work ran twice',
    mechanism: 'the restart was done, its answer was lost, and it is tried again',
    guard,
    runbook: restartBlindly,
    policy: policyText({ restart: 5 }),
    faults: [{ site: effectOf('restart'), kind: 'lost-after', attempt: 1 }],
    given: (world) => world.dies('shop'),
    script: (s) => void s.at(0).fires('ServiceDown'),
    answer: { kind: 'effect', says: /^done: restart shop on local/ },
    without: operationsNotClaimed,
    harm: (left) => {
      const restarts = restartsOf(left, 'shop');
      return restarts > 1 ? `restarted shop ${restarts} times, healthy after the first` : undefined;
    },
  }),
];
