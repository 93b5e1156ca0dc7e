/** What a runbook may do to a service's settings: one number in its real configuration file, and a reload. Contracts only. */
import { seconds } from '../domain/time.js';
import { defineAction, defineFact } from './action.js';

/** Which setting: file and reload address come from the worker's settings for the service, never from an alert. */
export interface SettingRef {
  readonly service: string;
  readonly key: string;
}

export interface ChangeSetting extends SettingRef {
  readonly value: number;
}

/** Hash and value, not the file: what else stands in it may be secret and must not enter a history. */
export interface SettingState {
  /** Lower-case hex SHA-256 of the whole file's bytes. */
  readonly sha256: string;
  readonly value: number;
}

export const readSetting = defineFact<SettingRef, SettingState>({
  name: 'setting.read',
  timeoutMs: seconds(5),
  attemptsMax: 3,
  telemetry: {
    requires: ['sha256', 'value'],
    maxAgeMs: seconds(10),
    dated: 'live',
    whenFlawed: 'refuse',
  },
});

/** Undo restores the file byte for byte from the adapter's own copy, and reloads. */
export const changeSetting = defineAction<ChangeSetting, SettingState>({
  name: 'setting.change',
  class: 'configure',
  reversal: 'undo',
  resource: 'none',
  target: ({ service, key }) => `setting:${service}/${key}`,
  describe: ({ service, key, value }) => `set ${key} of ${service} to ${value} and reload`,
  bounds: { value: { min: 0, max: 10 } },
  reading: { timeoutMs: seconds(5), attemptsMax: 3 },
  changing: { timeoutMs: seconds(20), attemptsMax: 5 },
});
