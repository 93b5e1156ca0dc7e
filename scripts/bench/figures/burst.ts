/** Whole runs a second: a storm of alerts at once, from the first webhook until the last outcome is committed. */
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { postAlert } from '../rig/post.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { warmUp } from './alert.js';

const runsPerSecondMin = 50;

export async function measureBurst(ground: Ground, size: Size): Promise<Figure[]> {
  const { intake } = await warmUp(ground, size.warmUps);
  const db = await ground.db();
  const fired = Array.from({ length: size.burst }, () => ground.alerts.next('heals'));
  ground.log(`${size.burst} alerts at once`);
  const startedMs = Date.now();
  await Promise.all(fired.map(({ body }) => postAlert(intake, body)));
  const endedMs = await allResolved(
    db,
    fired.map(({ run }) => run),
  );
  const value = (size.burst * 1000) / (endedMs - startedMs);
  return [figureOf({ name: 'burst-whole-runs', value, unit: 'runs/s', atLeast: runsPerSecondMin })];
}
