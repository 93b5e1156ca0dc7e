/** Plays an incident, with its guard or without it, in the simulator and through the intake's own delivery. Judges nothing. */
import type { Settled } from '../../activities/store/inbox.js';
import { deliver, type DeliveryParts } from '../../workers/intake/delivery.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantText } from '../../workflows/domain/time.js';
import { insteadOfBoth } from '../support/simulator/instead.js';
import { alertOf, createSimulator, type Simulator } from '../support/simulator/simulator.js';
import { playOn } from '../support/story/in-simulator.js';
import type { Firing, Stage, Story } from '../support/story/story.js';
import { isEntry, kindOf, saysOf } from '../support/story/told.js';
import type { Aftermath, Answer, Incident, Scenery } from './incident.js';

/** With every defence. */
export function playGuarded({ story, scenery }: Incident): Promise<Aftermath> {
  return playIn(story, scenery());
}

/** With exactly the one defence off. */
export function playUnguarded({ story, scenery, without }: Incident): Promise<Aftermath> {
  return playIn(story, both(scenery(), without()));
}

/** A story in a scene of its own, every alert of it through the intake. */
export async function playIn(story: Story, scene: Scenery): Promise<Aftermath> {
  const { policy, faults, guards, services } = story;
  const { instead = {} } = scene;
  const optional = services === undefined ? {} : { services };
  const simulator = createSimulator({ policy, faults, guards, instead, ...optional });
  const intake = new Intake(simulator, story, scene);
  const told = await playOn(simulator, story, (stage) => intake.dress(stage));
  return { world: simulator.world, store: simulator.store, told, inbox: intake.settled };
}

/** Is the answer on record? */
export function isAnswered({ told, inbox }: Aftermath, { kind, says, reason }: Answer): boolean {
  if (kind === 'inbox') return inbox.some(({ why }) => says.test(why ?? ''));
  return told.lines.some((line) => {
    const because = isEntry(line) ? line.reason : undefined;
    const fits = kindOf(line) === kind && says.test(saysOf(line));
    return fits && (reason === undefined || because === reason);
  });
}

function both(scenery: Scenery, weakness: Scenery): Scenery {
  const instead = insteadOfBoth(scenery.instead ?? {}, weakness.instead ?? {});
  return { ...scenery, ...weakness, instead };
}

/** The intake's delivery over runs that are kept as Temporal keeps them: an id that was there once is not started again. */
class Intake {
  readonly settled: Settled[] = [];
  private readonly numbers = new Map<string, number>();
  private delivered = 0;

  constructor(
    private readonly simulator: Simulator,
    private readonly story: Story,
    private readonly scene: Scenery,
  ) {}

  dress(stage: Stage): Stage {
    return {
      ...stage,
      fires: async (firing) => {
        this.delivered += 1;
        const alert = this.read(firing);
        this.settled.push(await deliver(this.partsFor(stage, firing), alert));
      },
    };
  }

  private read({ alertname, over, forMs }: Firing): Alert {
    const startsAt = instantText(this.simulator.time.now() - forMs);
    const alert = alertOf(alertname, { startsAt, ...over });
    return this.scene.reads?.(alert, this.delivered) ?? alert;
  }

  private partsFor(stage: Stage, firing: Firing): DeliveryParts {
    const runbook = firing.runbook ?? this.story.runbook;
    const closed = (run: string): boolean => {
      return this.simulator.store.ledger.some((line) => line.run === run && line.kind === 'closed');
    };
    return {
      catalogue: [runbook],
      inbox: {
        firingOf: () => Promise.resolve(null),
        openFiring: () => Promise.resolve(null),
        standing: () => Promise.resolve({ isOver: false, repeats: null }),
        watching: () => Promise.resolve([]),
      },
      runs: {
        start: async ({ run, alert }) => {
          if (this.numbers.has(run)) return 'already-started';
          this.numbers.set(run, this.numbers.size + 1);
          await stage.fires({ ...firing, over: alert, runbook });
          return 'started';
        },
        signal: async ({ message, run }) => {
          const number = this.numbers.get(run);
          if (number === undefined || closed(run)) return 'no-open-run';
          await stage.send(number, message, {});
          return 'sent';
        },
      },
    };
  }
}
