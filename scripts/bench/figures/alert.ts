/** From an alert's webhook to the first effect, with everything on, beside the floor that Temporal sets. */
import { figureOf, type Figure } from '../rig/figure.js';
import type { Engine, Ground } from '../rig/ground.js';
import { atPace, type Pace } from '../rig/pace.js';
import { postAlert } from '../rig/post.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { floorSeries } from './floor.js';
import { interleaved, type Series } from './latency.js';

const rates = [20, 40];
const goals = { p50MsMax: 25, p99MsMax: 100 };
/** From the moment the request is sent, so the commit is in it. */
const fromSent = 'alert-to-effect';
/** From the moment the sender has its 202. */
const fromAccepted = 'accepted-to-effect';
/** Measured in turn with the alerts: on the same machine at the same time. */
const floorName = 'floor-beside-alerts';

export async function measureAlert(ground: Ground, size: Size): Promise<Figure[]> {
  const floor = await floorSeries(floorName, { on: await ground.bare(), perSecond: rates }, size);
  const samples = await interleaved({
    series: [floor, await alertSeries(ground, size)],
    size,
    log: ground.log,
    keep: ground.keep,
  });
  const ratios = rates.map((perSecond) => {
    const [ours, theirs] = [fromSent, floorName].map((what) => {
      return samples.percentile(what, perSecond, 0.5);
    });
    const value = (ours ?? Number.NaN) / (theirs ?? Number.NaN);
    return figureOf({
      name: `${fromSent}-over-floor-p50-at-${perSecond}`,
      value,
      unit: 'x',
      better: 'lower',
    });
  });
  return [
    ...rates.flatMap((perSecond) => samples.figures(floorName, perSecond)),
    ...rates.flatMap((perSecond) => samples.figures(fromSent, perSecond, goals)),
    ...rates.flatMap((perSecond) => samples.figures(fromAccepted, perSecond)),
    ...ratios,
  ];
}

async function alertSeries(ground: Ground, { warmUps }: Size): Promise<Series> {
  await warmUp(ground, warmUps);
  return { title: 'alerts', perSecond: rates, load: (pace) => loadAlerts(ground, pace) };
}

/** So that the first samples are not those of code that was never run. */
export async function warmUp(ground: Ground, count: number): Promise<Engine> {
  await loadAlerts(ground, { perSecond: 20, count: 1 });
  await loadAlerts(ground, { perSecond: 20, count });
  return ground.engine();
}

async function loadAlerts(ground: Ground, pace: Pace) {
  const engine = await ground.engine();
  const fired = await atPace(pace, async () => {
    const { body, run } = ground.alerts.next('heals');
    return { run, ...(await postAlert(engine.intake, body)) };
  });
  const starts = await engine.worker.startsOf(fired.map(({ run }) => `${run}/restart`));
  const db = await ground.db();
  await allResolved(
    db,
    fired.map(({ run }) => run),
  );
  const since = (beganMs: number, index: number) => (starts[index] ?? Number.NaN) - beganMs;
  return {
    [fromSent]: fired.map(({ sentMs }, index) => since(sentMs, index)),
    [fromAccepted]: fired.map(({ acceptedMs }, index) => since(acceptedMs, index)),
  };
}
