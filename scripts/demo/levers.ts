/** What the demo does to its shop: kills it, breaks its upstream, brings it back. Belay knows nothing of these levers. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Levers {
  /** SIGKILL to the shop's process. */
  kill(): Promise<void>;
  /** While it is so, payments refuses everything. */
  payments(state: 'failing' | 'working'): Promise<void>;
  /** A new process without the old one's storm; its file is left as it is. */
  freshShop(): Promise<void>;
  pid(): Promise<number>;
  /** How often supervisord has started the shop so far, by its own log. */
  starts(): number;
  configBytes(): Buffer;
}

export interface LeversPlan {
  readonly supervisorUrl: string;
  readonly username: string;
  readonly password: string;
  readonly paymentsUrl: string;
  readonly shopJson: string;
  readonly supervisordLog: string;
}

export function createLevers(plan: LeversPlan): Levers {
  const rpc = (method: string): Promise<string> => ask(plan, method);
  const pid = async (): Promise<number> => {
    const info = await rpc('getProcessInfo');
    return Number(/<name>pid<\/name>\s*<value><int>(\d+)</.exec(info)?.[1] ?? 0);
  };
  return {
    pid,
    starts: () => readFileSync(plan.supervisordLog, 'utf8').split("spawned: 'shop'").length - 1,
    async kill() {
      process.kill(await pid(), 'SIGKILL');
    },
    async payments(state) {
      const body = JSON.stringify({ failAll: state === 'failing' });
      await fetch(`${plan.paymentsUrl}/fault`, { method: 'POST', body });
    },
    async freshShop() {
      await rpc('stopProcess');
      await sleep(200);
      await rpc('startProcess');
    },
    configBytes: () => readFileSync(plan.shopJson),
  };
}

async function ask(
  { supervisorUrl, username, password }: LeversPlan,
  method: string,
): Promise<string> {
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const param = '<params><param><value><string>shop</string></value></param></params>';
  const response = await fetch(supervisorUrl, {
    method: 'POST',
    headers: { Authorization: `Basic ${credentials}`, 'Content-Type': 'text/xml' },
    body: `<?xml version="1.0"?><methodCall><methodName>supervisor.${method}</methodName>${param}</methodCall>`,
    signal: AbortSignal.timeout(10_000),
  });
  return response.text();
}
