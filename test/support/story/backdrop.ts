/** The world and store of the story that is being played, behind Temporal activities that outlive it, with its faults. */
import { Context, type ActivityFunction } from '@temporalio/activity';
import { callsOf, type CallFunction } from '../../../activities/effects.js';
import { parsePolicy } from '../../../activities/policy/parse.js';
import { activitiesOf } from '../../../activities/temporal.js';
import { changesTheWorld } from '../../../workflows/actions/action.js';
import { Failure } from '../../../workflows/domain/failure.js';
import { createFakeStore, type FakeStore } from '../fake-store.js';
import { createFakeWorld, type FakeWorld } from '../fake-world/fake-world.js';
import { Faults, type FaultKind } from '../simulator/faults.js';
import { createFakeOperations } from '../simulator/fake-operations.js';
import { storeFunctions } from '../simulator/simulator.js';
import { policyText } from './policy.js';
import type { ServerClock } from './server-clock.js';
import type { Story } from './story.js';

interface Scenery {
  readonly world: FakeWorld;
  readonly store: FakeStore;
  readonly faults: Faults;
  readonly calls: ReadonlyMap<string, CallFunction>;
}

type Scene = Pick<Story, 'policy' | 'faults' | 'guards' | 'services'>;

const empty: Scene = { policy: policyText(), faults: [], guards: undefined, services: undefined };

export class Backdrop {
  private scenery: Scenery;

  constructor(private readonly clock: Pick<ServerClock, 'now' | 'look'>) {
    this.scenery = this.build(empty);
  }

  get world(): FakeWorld {
    return this.scenery.world;
  }

  get store(): FakeStore {
    return this.scenery.store;
  }

  /** From now on every call reaches this story's world. */
  change(scene: Scene): Scenery {
    this.scenery = this.build(scene);
    return this.scenery;
  }

  activities(): Record<string, ActivityFunction> {
    const names = [...this.scenery.calls.keys()];
    const calls = new Map(names.map((name) => [name, this.call(name)] as const));
    const activities = Object.entries(activitiesOf(calls));
    return Object.fromEntries(activities.map(([name, one]) => [name, this.losable(name, one)]));
  }

  private build({ policy, faults, guards, services }: Scene): Scenery {
    const now = (): number => this.clock.now();
    const world = createFakeWorld({ now, ...(services === undefined ? {} : { services }) });
    const policyTable = parsePolicy(policy, 'story');
    const store = createFakeStore({
      now,
      policyTable,
      ...(guards === undefined ? {} : { guards }),
    });
    const calls = new Map<string, CallFunction>([
      ...callsOf(world.implementations, createFakeOperations(now, store), {
        watch: store.watch,
        now,
      }),
      ...storeFunctions(store),
    ]);
    return { world, store, faults: new Faults(faults), calls };
  }

  /** The faults an adapter could have; what a lost worker looks like is `losable`'s. */
  private call(name: string): CallFunction {
    return async (input, context) => {
      const fault = this.faultAt(name, input);
      if (fault === 'fail') throw new Failure('failed', 'injected: it said no');
      if (fault === 'transient') throw new Failure('transient', 'injected: not now');
      const answer = await this.scenery.calls.get(name)?.(input, context);
      if (fault === 'fail-after') throw new Failure('unknown', 'injected: the answer was lost');
      return answer;
    };
  }

  /** A lost worker says nothing more: no heartbeat, no answer, until the server gives the attempt up. */
  private losable(name: string, activity: ActivityFunction): ActivityFunction {
    return async (input: unknown, ...more: unknown[]) => {
      await this.clock.look();
      const fault = this.faultAt(name, input);
      if (fault === 'lost-before') return Context.current().cancelled;
      const answer: unknown = await activity(input, ...more);
      return fault === 'lost-after' ? Context.current().cancelled : answer;
    };
  }

  private faultAt(name: string, input: unknown): FaultKind | undefined {
    return this.scenery.faults.at(siteOf(name, input), Context.current().info.attempt);
  }
}

/** The simulator's name for the same place. */
function siteOf(name: string, input: unknown): string {
  if (!changesTheWorld(name)) return `ask:${name}`;
  const { operationId } = input as { operationId: string };
  return `act:${operationId}${name.endsWith('.undo') ? '/undo' : ''}`;
}
