/** supervisord in the foreground on a configuration file of the caller's, whose programs end with it. */
import { join } from 'node:path';
import { startChild } from './child.js';
import { programOf } from './found.js';
import { answers } from './http-answer.js';
import type { MonitorServer } from './prometheus.js';

export interface SupervisordPlan {
  /** Keeps the server's log. */
  readonly dataFolder: string;
  readonly configFile: string;
  /** The port that the file's [inet_http_server] names: it cannot be changed from outside. */
  readonly port: number;
}

/** Ready when its XML-RPC door answers, be it with 401; `url` is that door. Throws with the server's log. */
export async function startSupervisord(plan: SupervisordPlan): Promise<MonitorServer> {
  const url = `http://127.0.0.1:${plan.port}/RPC2`;
  const child = await startChild({
    name: 'supervisord',
    program: programOf('supervisord'),
    args: ['--nodaemon', '--configuration', plan.configFile],
    logFile: join(plan.dataFolder, 'supervisord.log'),
    ready: () => answers(url),
  });
  return { url, ...child };
}
