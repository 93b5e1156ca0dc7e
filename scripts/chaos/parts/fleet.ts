/** The fleet's own process: what is killed around it loses none of it. Runs until it is told to end. */
import { openFleet } from '../world/door.js';

export async function runFleetPart(env: NodeJS.ProcessEnv): Promise<void> {
  const server = await openFleet(Number(env['BELAY_CHAOS_FLEET_PORT']));
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', () => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  });
}
