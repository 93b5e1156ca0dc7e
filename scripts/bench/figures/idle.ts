/** What Belay's own processes hold in memory when nothing happens: `belay up` as it is shipped, without its servers. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { projectFolder } from '../../engine/project-folder.js';
import { startChild } from '../../servers/child.js';
import { freePort } from '../../servers/port.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { residentMegabytes } from '../rig/memory.js';
import type { Size } from '../rig/size.js';
import { sum } from '../rig/statistics.js';

const megabytesMax = 250;
const readyLine = z.object({
  ready: z.literal(true),
  enginePid: z.number(),
});

/** The sum of the resident sets of the supervisor and of the engine it started. Pages they share are counted in both. */
export async function measureIdle(ground: Ground, size: Size): Promise<Figure[]> {
  const logFile = join(ground.folder, 'up.log');
  const up = await startChild({
    name: 'belay up',
    program: process.execPath,
    args: [join(projectFolder(), 'dist/scripts/belay.js'), 'up', '--json'].concat([
      '--folder',
      join(ground.folder, 'up'),
    ]),
    env: { BELAY_INTAKE_PORT: String(await freePort()) },
    logFile,
    ready: () => Promise.resolve(readyIn(logFile) !== undefined),
    readyWithinMs: 90_000,
  });
  try {
    ground.log(`belay up, idle for ${size.idleSeconds} s`);
    await sleep(size.idleSeconds * 1000);
    const held = { supervisor: up.pid, engine: readyIn(logFile)?.enginePid ?? 0 };
    const pids = Object.values(held);
    const megabytes = pids.map(residentMegabytes);
    const shared = sum(pids.map(proportionalMegabytes));
    return [
      ...Object.keys(held).map((name, index) => {
        return figureOf({
          name: `idle-${name}`,
          value: megabytes[index] ?? Number.NaN,
          unit: 'MB',
        });
      }),
      figureOf({ name: 'idle-all', value: sum(megabytes), unit: 'MB', atMost: megabytesMax }),
      ...(Number.isNaN(shared)
        ? []
        : [figureOf({ name: 'idle-all-shared-once', value: shared, unit: 'MB' })]),
    ];
  } finally {
    await up.stop();
  }
}

/** The one line that `belay up --json` prints. */
function readyIn(logFile: string): z.infer<typeof readyLine> | undefined {
  for (const line of readFileSync(logFile, 'utf8').split('\n')) {
    if (!line.startsWith('{')) continue;
    const parsed = readyLine.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

/** Each shared page counted once, where the kernel tells; NaN elsewhere. */
function proportionalMegabytes(pid: number): number {
  const file = `/proc/${pid}/smaps_rollup`;
  if (!existsSync(file)) return Number.NaN;
  return Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]) / 1024;
}
