/** The engine is stopped by a person, and the store that knows it throws, hangs or talks nonsense. */
import type { CallFunction } from '../../../activities/effects.js';
import { Failure } from '../../../workflows/domain/failure.js';
import { seconds } from '../../../workflows/domain/time.js';
import type { VirtualTime } from '../../support/simulator/virtual-time.js';
import { changesOf } from '../aftermath.js';
import { incident, type Incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { isJudging, silenceOfTheStoreIsYes } from '../weak/gates.js';
import { wrapping } from '../weak/calls.js';

type Outage = (time: VirtualTime) => Promise<unknown>;

function whenTheStore(name: string, how: string, outage: Outage): Incident {
  return incident(name, {
    incident: 'Facebook, October 2021: the audit that should have said no had a bug',
    mechanism: `the store that answers for the gates ${how}`,
    guard: 'no answer that can be understood is a no',
    runbook: restartBlindly,
    given: (world) => world.dies('shop'),
    scenery: () => ({
      instead: {
        calls: wrapping(
          isJudging,
          (_, time): CallFunction =>
            () =>
              outage(time),
        ),
      },
    }),
    script: (s) => {
      s.at(0).stops('everything', 'ana', 'a migration is under way');
      s.at('1m').fires('ServiceDown');
    },
    answer: { kind: 'outcome', says: /the gates could not be asked/, reason: 'unreadable' },
    without: silenceOfTheStoreIsYes,
    harm: (left) => {
      const done = changesOf(left);
      return done === undefined ? undefined : `${done}; ana had stopped the engine`;
    },
  });
}

const maybe = { kind: 'maybe', reason: 'stopped', why: 'perhaps' };
/** Not now, and no time at which to ask again. */
const notNow = { kind: 'hold', reason: 'target-busy', why: 'later' };

const saying = (verdict: object) => (): Promise<unknown> => {
  return Promise.resolve({ gates: [{ gate: 'stopped', verdict }] });
};

export default [
  whenTheStore('guard-throws', 'throws', () => {
    return Promise.reject(new Failure('failed', 'relation "switches" does not exist'));
  }),
  whenTheStore('guard-times-out', 'never answers', async (time) => {
    await time.sleep(seconds(10));
    throw new Failure('unknown', 'no answer within 10s');
  }),
  whenTheStore('guard-answers-nothing', 'answers null', () => Promise.resolve(null)),
  whenTheStore('guard-answers-an-empty-list', 'asked no gate', () => {
    return Promise.resolve({ gates: [] });
  }),
  whenTheStore('guard-answers-garbage', 'answers a verdict that is none', saying(maybe)),
  whenTheStore('guard-holds-for-no-time', 'says not now, but not until when', saying(notNow)),
];
