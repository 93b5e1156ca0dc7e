/** Asks every configured monitor whether an alert still fires. Only a clear no from all of them is a no. */
import { z } from 'zod';
import type { Health } from '../../workflows/actions/action.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { FactAdapter } from '../adapter.js';
import { readJson, type Read } from './http.js';

export interface MonitorUrls {
  readonly prometheusUrl?: string;
  readonly alertmanagerUrl?: string;
}

const labels = z.record(z.string(), z.string());
type Labels = z.infer<typeof labels>;

const prometheusAlerts = z.object({
  status: z.literal('success'),
  data: z.object({ alerts: z.array(z.object({ labels, state: z.string() })) }),
});
const alertmanagerAlerts = z.array(z.object({ labels, status: z.object({ state: z.string() }) }));

interface Shown {
  readonly labels: Labels;
  readonly state: string;
}

/** One monitor's word: the alerts it shows, or why it could not be read. */
interface Word {
  readonly monitor: string;
  readonly read: Read<readonly Shown[]>;
}

/** The check that an alert is over, asked of the monitors that are set up. */
export function alertClearedBy(urls: MonitorUrls): FactAdapter<{ alert: Alert }, Health> {
  return async ({ alert }, { signal }) => {
    const asked: Promise<Word>[] = [];
    if (urls.prometheusUrl !== undefined) asked.push(askPrometheus(urls.prometheusUrl, signal));
    if (urls.alertmanagerUrl !== undefined) {
      asked.push(askAlertmanager(urls.alertmanagerUrl, alert, signal));
    }
    if (asked.length === 0) {
      const fix = 'set prometheusUrl, alertmanagerUrl or both';
      throw new Failure('failed', `no monitor is configured that could show the alert: ${fix}`);
    }
    return healthOf(alert, await Promise.all(asked));
  };
}

function healthOf(alert: Alert, words: readonly Word[]): Health {
  const seen = words.map(({ monitor, read }) => {
    if (read.kind === 'unread')
      return { well: false, says: `${monitor} could not be read: ${read.why}` };
    const shown = read.value.find((candidate) => isSameAlert(candidate.labels, alert));
    return shown === undefined
      ? { well: true, says: `${monitor} does not show it` }
      : { well: false, says: `${monitor} shows it as ${shown.state}` };
  });
  return {
    well: seen.every(({ well }) => well),
    seen: `${alert.name}: ${seen.map(({ says }) => says).join('; ')}`,
  };
}

/**
 * Prometheus shows an alert without its external labels, and relabelling may drop or add some on the way to us: it is the
 * same alert when the names are equal and no label that both have differs. Too wide a match only waits longer.
 */
function isSameAlert(shown: Labels, alert: Alert): boolean {
  if (shown['alertname'] !== (alert.labels['alertname'] ?? alert.name)) return false;
  return Object.entries(shown).every(([label, value]) => {
    return !Object.hasOwn(alert.labels, label) || alert.labels[label] === value;
  });
}

/** Pending counts as shown: its condition holds, it has just not held for long. */
async function askPrometheus(base: string, signal: AbortSignal): Promise<Word> {
  const read = await readJson(addressIn(base, 'api/v1/alerts'), prometheusAlerts, signal);
  if (read.kind === 'unread') return { monitor: 'Prometheus', read };
  const value = read.value.data.alerts;
  return { monitor: 'Prometheus', read: { kind: 'read', value } };
}

/** A silenced or inhibited alert still fires, so it counts: muting is no repair. */
async function askAlertmanager(base: string, alert: Alert, signal: AbortSignal): Promise<Word> {
  const url = addressIn(base, 'api/v2/alerts');
  const name = alert.labels['alertname'] ?? alert.name;
  url.searchParams.set('filter', `alertname=${JSON.stringify(name)}`);
  const read = await readJson(url, alertmanagerAlerts, signal);
  if (read.kind === 'unread') return { monitor: 'Alertmanager', read };
  const value = read.value.map((shown) => ({ labels: shown.labels, state: shown.status.state }));
  return { monitor: 'Alertmanager', read: { kind: 'read', value } };
}

/** The path under a base address, whether or not that ends in a slash. */
export function addressIn(base: string, path: string): URL {
  return new URL(path, base.endsWith('/') ? base : `${base}/`);
}
