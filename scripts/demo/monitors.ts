/** The demo's monitors: real Prometheus and Alertmanager, or, where they cannot be had, the demo's own prober. */
import { join } from 'node:path';
import { startAlertmanager } from '../servers/alertmanager.js';
import { findServer } from '../servers/found.js';
import { freePort } from '../servers/port.js';
import { startPrometheus } from '../servers/prometheus.js';
import type { ShopFiles } from './shop/config.js';
import { startProber } from './shop/prober.js';

export interface Monitors {
  readonly prometheusUrl: string;
  readonly alertmanagerUrl: string;
  /** Why the prober stands in, or undefined when the real ones run. */
  readonly standIn: string | undefined;
  start(files: ShopFiles, webhook: { url: string; token: string }): Promise<Stop>;
}

export type Stop = () => Promise<void>;

/** Chooses addresses only, since the configuration of everything else names them; `start` starts. */
export async function planMonitors(
  folder: string,
  shopUrl: string,
): Promise<Monitors & { port: number }> {
  const standIn = absence();
  const [port, prometheusPort] = [await freePort(), await freePort()];
  const url = (of: number): string => `http://127.0.0.1:${of}`;
  if (standIn !== undefined) {
    return {
      port,
      prometheusUrl: url(port),
      alertmanagerUrl: url(port),
      standIn,
      async start(_files, webhook) {
        const prober = await startProber({ shopUrl, webhook, port });
        return () => Promise.resolve(prober.stop());
      },
    };
  }
  return {
    port,
    prometheusUrl: url(prometheusPort),
    alertmanagerUrl: url(port),
    standIn,
    start: (files) => startReal(folder, files, { alertmanager: port, prometheus: prometheusPort }),
  };
}

function absence(): string | undefined {
  for (const name of ['prometheus', 'alertmanager'] as const) {
    const found = findServer(name);
    if ('absent' in found) return `${name}: ${found.absent}`;
  }
  return undefined;
}

async function startReal(
  folder: string,
  files: ShopFiles,
  ports: { alertmanager: number; prometheus: number },
): Promise<Stop> {
  const alertmanager = await startAlertmanager({
    dataFolder: join(folder, 'alertmanager'),
    configFile: files.alertmanagerYml,
    port: ports.alertmanager,
  });
  const prometheus = await startPrometheus({
    dataFolder: join(folder, 'prometheus'),
    configFile: files.prometheusYml,
    port: ports.prometheus,
  });
  return async () => {
    await prometheus.stop();
    await alertmanager.stop();
  };
}

/** True when neither shows an alert firing; false also when one does not answer. */
export async function areCalm({ prometheusUrl, alertmanagerUrl }: Monitors): Promise<boolean> {
  try {
    const [rules, sent] = await Promise.all([
      answer(`${prometheusUrl}/api/v1/alerts`) as Promise<{ data: { alerts: unknown[] } }>,
      answer(`${alertmanagerUrl}/api/v2/alerts?active=true`) as Promise<unknown[]>,
    ]);
    return rules.data.alerts.length === 0 && sent.length === 0;
  } catch {
    return false;
  }
}

async function answer(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  return response.json();
}
