/** Which adapters a remediation worker has, from its targets file; a list literal, so that one sees what it can touch. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Implementation } from '../../activities/adapter.js';
import { createMonitorAdapters } from '../../activities/monitor/index.js';
import { createSettingAdapters } from '../../activities/setting/index.js';
import { createSupervisorAdapters } from '../../activities/supervisor/index.js';
import type { Targets } from './targets.js';

export function adaptersOf(targets: Targets, stateFolder: string): Implementation[] {
  const { services } = targets;
  return [
    ...createSupervisorAdapters({
      hosts: mapValues(targets.supervisors, ({ url, username, passwordFile }) => {
        return { url, username, password: readFileSync(passwordFile, 'utf8').trim() };
      }),
      services: pick(services, ({ process }) => process),
    }),
    ...createSettingAdapters({
      services: pick(services, ({ setting }) => setting),
      backupFolder: path.join(stateFolder, 'backups'),
    }),
    ...createMonitorAdapters({
      ...defined(targets.monitors),
      services: pick(services, ({ probeUrl }) =>
        probeUrl === undefined ? undefined : { probeUrl },
      ),
    }),
  ];
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function pick<In, Out>(
  record: Readonly<Record<string, In>>,
  part: (value: In) => Out | undefined,
): Record<string, Out> {
  const picked = Object.entries(record).flatMap(([key, value]) => {
    const found = part(value);
    return found === undefined ? [] : [[key, found] as const];
  });
  return Object.fromEntries(picked);
}

function defined(monitors: Targets['monitors']): {
  prometheusUrl?: string;
  alertmanagerUrl?: string;
} {
  const { prometheusUrl, alertmanagerUrl } = monitors;
  return {
    ...(prometheusUrl === undefined ? {} : { prometheusUrl }),
    ...(alertmanagerUrl === undefined ? {} : { alertmanagerUrl }),
  };
}
