/** One long effect, many changes: somebody says stop in the middle of it, or the place where they would say it goes dark. */
import { implementAction, type EffectContext } from '../../../activities/adapter.js';
import { defineAction } from '../../../workflows/actions/action.js';
import { hours, minutes, seconds } from '../../../workflows/domain/time.js';
import { defineRunbook } from '../../../workflows/runbook.js';
import { policyText } from '../../support/story/policy.js';
import type { FakeWorld } from '../../support/fake-world/fake-world.js';
import type { Scene } from '../../support/simulator/instead.js';
import { incident, type Harm, type Scenery } from '../incident.js';
import { stopNotHeardUnderWay, unreadSwitchIsOn } from '../weak/switch.js';

const hostsMax = 60;

/** One effect with many changes: the world keeps count of effects only. */
const drainedIn = new WeakMap<FakeWorld, number>();

interface Drained {
  readonly count: number;
}

const drainFleet = defineAction<{ fleet: string }, Drained>({
  name: 'fleet.drain',
  class: 'restart',
  reversal: { none: 'connections that were cut do not come back' },
  target: ({ fleet }) => `fleet:${fleet}`,
  describe: ({ fleet }) => `drain the hosts of ${fleet}, one a second`,
  resource: 'none',
  reading: { timeoutMs: seconds(5), attemptsMax: 3 },
  changing: { timeoutMs: minutes(5), attemptsMax: 3 },
});

const drainRunbook = defineRunbook(
  {
    name: 'drain-fleet',
    handles: [{ alertname: 'ServiceDown' }],
    summary: 'Drain every host of a fleet in one step',
    maxAgeMs: hours(2),
  },
  async (run, alert) => {
    await run.step('drain', drainFleet, { fleet: alert.service });
  },
);

/** One host a second of the story's time; it asks before each whether it may. */
function scenery(): Scenery {
  return { instead: { adapters: (all, scene) => [...all, drainer(scene)] } };
}

function drainer({ time, world }: Scene) {
  let count = 0;
  const state = (): Promise<Drained> => Promise.resolve({ count });
  const drain = async (operationId: string, context: EffectContext): Promise<Drained> => {
    while (count < hostsMax) {
      context.requireClaim();
      if (count === 0)
        world.effects.push({ operationId, part: 'apply', what: 'began to drain the fleet' });
      count += 1;
      drainedIn.set(world, count);
      await time.sleep(seconds(1));
    }
    return state();
  };
  return implementAction(drainFleet, {
    look: state,
    plan: () => ({ count: hostsMax }),
    apply: ({ operationId }, context) => drain(operationId, context),
    verify: () => Promise.resolve({ well: count === hostsMax, seen: `${count} drained` }),
    undo: state,
  });
}

const drainedAfter =
  (hosts: number, why: string): Harm =>
  (left) => {
    const count = drainedIn.get(left.world) ?? 0;
    return count <= hosts ? undefined : `${count - hosts} hosts were drained ${why}`;
  };

const scene = {
  runbook: drainRunbook,
  policy: policyText({ restart: 5 }),
  given: (world: FakeWorld) => world.dies('shop'),
  scenery,
};

export default [
  incident('stop-not-heard-under-way', {
    ...scene,
    incident:
      'SSM Automation, MaxErrors: what runs finishes; Kestra #19722: killed, it wrote 31 min',
    mechanism: 'a stop is said in the middle of one long effect',
    guard: 'the switch is heard inside an effect, before each of its changes',
    script: (s) => {
      s.at(0).fires('ServiceDown');
      s.at('20s').stops('service:shop', 'ana', 'these are the wrong hosts');
    },
    answer: { kind: 'effect', says: /ana stopped service:shop: these are the wrong hosts/ },
    without: stopNotHeardUnderWay,
    harm: drainedAfter(21, 'after ana had said stop'),
  }),
  incident('switch-dark-under-way', {
    ...scene,
    incident: 'Kubernaut: history unreadable, so nothing was blocked',
    mechanism: 'the switch cannot be read in the middle of one long effect',
    guard: 'a switch that cannot be read is off: no change until it can',
    script: (s) => {
      s.at(0).fires('ServiceDown');
      s.at('20s').storeUnreadable('stops', 'the database is gone');
    },
    answer: { kind: 'effect', says: /the database is gone/ },
    without: unreadSwitchIsOn,
    harm: drainedAfter(21, 'while nobody could have said stop'),
  }),
];
