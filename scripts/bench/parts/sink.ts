/** A process of its own that is called by effects over HTTP and notes when: the same end for Belay and for its peers. */
import { openSideDoor } from '../rig/side-door.js';
import { createSink } from '../rig/sink.js';

/** Runs until SIGTERM. Throws when its port is taken. */
export async function runSinkPart(env: NodeJS.ProcessEnv): Promise<void> {
  const door = await openSideDoor(Number(env['BELAY_BENCH_DOOR']), createSink());
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
  });
  door.closeAllConnections();
  door.close();
}
