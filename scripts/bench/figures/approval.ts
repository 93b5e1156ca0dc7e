/** From a person's `approve` signal to the effect it lets go; the runs wait at level 3, everything on. */
import { clockMs } from '../rig/clock.js';
import type { Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { atPace } from '../rig/pace.js';
import { postAlert } from '../rig/post.js';
import { allResolved, allWaiting } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { warmUp } from './alert.js';
import { Samples } from './latency.js';

const perSecond = 20;
const goals = { p50MsMax: 15 };
const name = 'approve-to-effect';

export async function measureApproval(ground: Ground, size: Size): Promise<Figure[]> {
  await warmUp(ground, size.warmUps);
  await approveAll(ground, size.approvals);
  const samples = new Samples();
  ground.log(`approving ${size.approvals} runs at ${perSecond} a second`);
  samples.add(name, perSecond, await approveAll(ground, size.approvals));
  return samples.figures(name, perSecond, goals);
}

async function approveAll(ground: Ground, count: number): Promise<number[]> {
  const engine = await ground.engine();
  const db = await ground.db();
  const runs = await atPace({ perSecond, count }, async () => {
    const { body, run } = ground.alerts.next('asks');
    await postAlert(engine.intake, body);
    return run;
  });
  const plans = await allWaiting(db, runs);
  const sent = await atPace({ perSecond, count }, async (index) => {
    const run = runs[index] ?? '';
    const handle = engine.client.workflow.getHandle(run);
    const sentMs = clockMs();
    await handle.signal('approve', { plan: plans.get(run) ?? '', by: 'bench', note: '' });
    return sentMs;
  });
  const starts = await engine.worker.startsOf(runs.map((run) => `${run}/restart`));
  await allResolved(db, runs);
  return sent.map((sentMs, index) => (starts[index] ?? Number.NaN) - sentMs);
}
