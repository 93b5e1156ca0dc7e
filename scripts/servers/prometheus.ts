/** Prometheus on a configuration file of the caller's; it scrapes and evaluates what that file says and nothing else. */
import { join } from 'node:path';
import { startChild, type Child } from './child.js';
import { programOf } from './found.js';
import { isReady } from './http-answer.js';
import { freePort } from './port.js';

export interface MonitorPlan {
  /** Keeps the server's data and log. */
  readonly dataFolder: string;
  readonly configFile: string;
  readonly port?: number;
}

/** A started server that speaks HTTP at `url`. */
export interface MonitorServer extends Child {
  readonly url: string;
}

/** Ready when it resolves; `POST <url>/-/reload` reads the file again. Throws with the server's log. */
export async function startPrometheus(plan: MonitorPlan): Promise<MonitorServer> {
  const port = plan.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: 'prometheus',
    program: programOf('prometheus'),
    args: [
      `--config.file=${plan.configFile}`,
      `--storage.tsdb.path=${join(plan.dataFolder, 'prometheus')}`,
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-lifecycle',
      '--log.level=warn',
    ],
    logFile: join(plan.dataFolder, 'prometheus.log'),
    ready: () => isReady(`${url}/-/ready`),
  });
  return { url, ...child };
}
