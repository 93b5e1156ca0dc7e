/** Settings of services as Belay reads and changes them; only files and keys that its own settings name. */
import { isAbsolute } from 'node:path';
import { changeSetting, readSetting, type SettingRef } from '../../workflows/actions/setting.js';
import { Failure } from '../../workflows/domain/failure.js';
import { implementAction, implementFact, type Implementation } from '../adapter.js';
import { Backups } from './backup.js';
import { changeAdapter, readState, type ServiceOf, type SettingService } from './change.js';

export type { SettingService };

export interface SettingSettings {
  readonly services: Readonly<Record<string, SettingService>>;
  /** Keeps the files as they were before a step; outlives the worker, and only the worker may read it. */
  readonly backupFolder: string;
}

/** Throws a RangeError that names the place when a path is not absolute. */
export function createSettingAdapters(settings: SettingSettings): readonly Implementation[] {
  requireAbsolute('backupFolder', settings.backupFolder);
  for (const [service, { file }] of Object.entries(settings.services)) {
    requireAbsolute(`services.${service}.file`, file);
  }
  const serviceOf = finderIn(settings);
  return [
    implementFact(readSetting, async (ref) => {
      const { sha256, value } = await readState(serviceOf(ref), ref.key);
      return { sha256, value };
    }),
    implementAction(changeSetting, changeAdapter(serviceOf, new Backups(settings.backupFolder))),
  ];
}

function finderIn({ services }: SettingSettings): ServiceOf {
  return ({ service, key }: SettingRef) => {
    const known = Object.hasOwn(services, service) ? services[service] : undefined;
    if (known === undefined) {
      throw new Failure('refused', `no file of "${service}" is known: add services.${service}`);
    }
    if (known.allowedKeys.includes(key)) return known;
    const fix = `add it to services.${service}.allowedKeys`;
    throw new Failure('refused', `"${key}" of "${service}" may not be changed: ${fix}`);
  };
}

function requireAbsolute(place: string, path: string): void {
  if (!isAbsolute(path)) throw new RangeError(`${place} is "${path}": give an absolute path`);
}
