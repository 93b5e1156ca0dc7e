/** Runbooks drawn by a seed: many steps, some for good, some side by side; longer and odder than anybody would write. */
import { alertCleared } from '../../workflows/actions/monitor.js';
import { changeSetting } from '../../workflows/actions/setting.js';
import { restartProcess } from '../../workflows/actions/supervisor.js';
import { hours, seconds } from '../../workflows/domain/time.js';
import { defineRunbook, type Run } from '../../workflows/runbook.js';
import type { FakeService } from '../support/fake-world/fake-world.js';
import { dice } from './chance.js';
import type { Ran } from './scenario.js';

interface Drawn {
  readonly service: string;
  readonly kind: 'change' | 'restart';
}

/** The most branches that run side by side. */
const widthMax = 3;

/** The first step lowers the retries of `shop`, which is what helps; the others are drawn. */
export function drawRunbook(stepCount: number, seed: number): Ran {
  const groups = drawGroups(stepCount, seed);
  const services = groups.flat().map(({ service }) => [service, serviceOf(service)] as const);
  const runbook = defineRunbook(
    {
      name: `drawn-${stepCount}`,
      handles: [{ alertname: 'RetryStorm' }],
      summary: `${stepCount} steps drawn by a seed`,
      maxAgeMs: hours(2),
    },
    async (run, alert) => {
      for (const group of groups) {
        const [only, ...others] = group;
        if (only !== undefined && others.length === 0) await step(run, only);
        else await run.all(group.map((drawn) => () => step(run, drawn)));
      }
      const within = { withinMs: seconds(15) };
      await run.confirm('the alert clears', alertCleared, { alert }, within);
    },
  );
  return {
    runbook,
    width: Math.max(...groups.map(({ length }) => length)),
    harness: {
      alertname: 'RetryStorm',
      services: Object.fromEntries(services),
      helps: (world) => world.storms('shop'),
      helpsNot: (world) => world.storms('shop', { endsAtRetries: -1 }),
    },
  };
}

function step(run: Run, { service, kind }: Drawn): Promise<unknown> {
  if (kind === 'change') {
    return run.step(`lower-${service}`, changeSetting, { service, key: 'retries', value: 3 });
  }
  return run.step(`restart-${service}`, restartProcess, { host: 'local', process: service });
}

function drawGroups(stepCount: number, seed: number): Drawn[][] {
  const roll = dice(seed);
  const groups: Drawn[][] = [[{ service: 'shop', kind: 'change' }]];
  for (let made = 1; made < stepCount;) {
    const width = roll() < 0.6 ? 1 : 2 + Math.floor(roll() * (widthMax - 1));
    const group = Array.from({ length: Math.min(width, stepCount - made) }, (_, place): Drawn => {
      const kind = roll() < 0.7 ? 'change' : 'restart';
      return { service: `part${made + place}`, kind };
    });
    made += group.length;
    groups.push(group);
  }
  return groups;
}

function serviceOf(process: string): FakeService {
  return { host: 'local', process, settings: { retries: 5, timeoutMs: 800 } };
}
