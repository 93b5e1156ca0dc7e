/** Alertmanager on a configuration file of the caller's, alone: it seeks no peers. */
import { join } from 'node:path';
import { startChild } from './child.js';
import { programOf } from './found.js';
import { isReady } from './http-answer.js';
import { freePort } from './port.js';
import type { MonitorPlan, MonitorServer } from './prometheus.js';

/** Ready when it resolves. Throws with the server's log. */
export async function startAlertmanager(plan: MonitorPlan): Promise<MonitorServer> {
  const port = plan.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: 'alertmanager',
    program: programOf('alertmanager'),
    args: [
      `--config.file=${plan.configFile}`,
      `--storage.path=${join(plan.dataFolder, 'alertmanager')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    logFile: join(plan.dataFolder, 'alertmanager.log'),
    ready: () => isReady(`${url}/-/ready`),
  });
  return { url, ...child };
}
