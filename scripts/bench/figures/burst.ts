/**
 * Whole runs a second: a storm of alerts at once, from the first webhook until the last outcome is committed; beside it as many
 * workflows of one activity on the same server, which is the most it can do on this machine.
 */
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { postAlert } from '../rig/post.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { warmUp } from './alert.js';
import { bareBurst } from './floor.js';

const runsPerSecondMin = 50;

export async function measureBurst(ground: Ground, size: Size): Promise<Figure[]> {
  const bare = await ground.bare();
  await bareBurst(bare, size.warmUps);
  ground.log(`${size.burst} bare workflows at once`);
  const floor = await bareBurst(bare, size.burst);
  const whole = await wholeRuns(ground, size);
  return [
    figureOf({ name: 'temporal-floor-burst', value: floor, unit: 'runs/s' }),
    figureOf({
      name: 'burst-whole-runs',
      value: whole,
      unit: 'runs/s',
      atLeast: runsPerSecondMin,
    }),
    figureOf({ name: 'burst-over-floor', value: whole / floor, unit: 'x', better: 'higher' }),
  ];
}

async function wholeRuns(ground: Ground, size: Size): Promise<number> {
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
  return (size.burst * 1000) / (endedMs - startedMs);
}
