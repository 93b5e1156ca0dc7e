/** Plays a story in the simulator: virtual time, fakes in the process, no server. */
import type { Report } from '../../../workflows/progress.js';
import { instantText } from '../../../workflows/domain/time.js';
import { alertOf, createSimulator, storyStartMs } from '../simulator/simulator.js';
import type { SimulatedRun, Simulator } from '../simulator/simulator.js';
import type { Stage, Story } from './story.js';
import { watchIntents, type Told } from './told.js';

/** Rejects when a run waits and nothing is to come. */
export async function playInSimulator(story: Story): Promise<Told> {
  const { policy, faults, guards, services } = story;
  const simulator = createSimulator({
    policy,
    faults,
    guards,
    ...(services === undefined ? {} : { services }),
  });
  return playOn(simulator, story);
}

/** The same in a simulator that is there already; `dress` may put something between the script and the stage. */
export async function playOn(
  simulator: Simulator,
  story: Story,
  dress: (stage: Stage) => Stage = (stage) => stage,
): Promise<Told> {
  const { time, world, store } = simulator;
  const unannounced = watchIntents(world, store);
  const runs: SimulatedRun[] = [];
  story.given(world);
  const before = world.snapshot();
  const stage = dress(stageOf(story, simulator, runs));
  for (const { atMs, act } of story.moments) {
    await time.advanceTo(storyStartMs + atMs);
    await act(stage);
  }
  const reports: Report[] = [];
  for (const run of runs) reports.push(await time.until(run.report));
  return {
    startMs: storyStartMs,
    lines: store.lines,
    reports,
    before,
    after: world.snapshot(),
    effects: world.effects,
    unannounced,
  };
}

function stageOf(story: Story, simulator: Simulator, runs: SimulatedRun[]): Stage {
  const { time, world, store } = simulator;
  const runtimeOf = (run: number): SimulatedRun['runtime'] => {
    const found = runs[run - 1];
    if (found === undefined) throw new RangeError(`no run ${run} has begun`);
    return found.runtime;
  };
  return {
    world,
    store,
    fires({ alertname, over, forMs, trigger, runbook = story.runbook }) {
      const startsAt = instantText(time.now() - forMs);
      runs.push(simulator.start(runbook, alertOf(alertname, { startsAt, ...over }), trigger));
      return Promise.resolve();
    },
    send(run, signal, payload) {
      runtimeOf(run).send(signal, payload);
      return Promise.resolve();
    },
    cancel(run) {
      runtimeOf(run).send('halt', { by: 'cancel request of Temporal' });
      return Promise.resolve();
    },
    runId: (run) => runtimeOf(run).id,
  };
}
