/**
 * Changing one number in a service's configuration file. Acts only on the very bytes of its before-image, keeps a copy of
 * them first, and takes back only what it changed itself; whatever else it finds there it leaves alone and says so.
 */
import type { Apply, Undo } from '../../workflows/actions/action.js';
import type { ChangeSetting, SettingRef, SettingState } from '../../workflows/actions/setting.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { ActionAdapter, EffectContext } from '../adapter.js';
import type { Backups } from './backup.js';
import { readConfigFile, replaceFile, sha256, type ConfigFile } from './config-file.js';
import { numberIn, withNumber } from './edit.js';
import { reload } from './reload.js';

/** A service's configuration file, and which of its keys may be changed. */
export interface SettingService {
  readonly file: string;
  /** POST here makes the service read the file again. */
  readonly reloadUrl: string;
  readonly allowedKeys: readonly string[];
}

/** The service whose setting it is; throws a Failure when service or key are not in the settings. */
export type ServiceOf = (ref: SettingRef) => SettingService;

type Found = 'before' | 'after' | 'foreign';

/** The file's hash and the one value; throws a Failure when there is no such file or setting. */
export async function readState(
  { file }: SettingService,
  key: string,
): Promise<SettingState & { readonly config: ConfigFile }> {
  const config = await readConfigFile(file);
  return { sha256: config.sha256, value: numberIn(textOf(config), key), config };
}

/** The adapter of `setting.change`: file first, then reload, each safe to repeat. */
export function changeAdapter(
  serviceOf: ServiceOf,
  backups: Backups,
): ActionAdapter<ChangeSetting, SettingState> {
  const look = async (ref: SettingRef): Promise<SettingState> => stateOf(serviceOf(ref), ref.key);
  return {
    look,
    plan: async ({ input, before }) => {
      const { config } = await readState(serviceOf(input), input.key);
      if (config.sha256 !== before.sha256) throw moved(input);
      return { sha256: sha256(changed(config, input)), value: input.value };
    },
    apply: async (asked, context) => {
      await apply(asked, { service: serviceOf(asked.input), backups, context });
      return look(asked.input);
    },
    verify: async ({ input, expected }) => {
      const now = await look(input);
      const isExpected = now.sha256 === expected.sha256;
      const seen = `${input.key} of ${input.service} is ${now.value}`;
      return isExpected
        ? { well: true, seen }
        : { well: false, seen: `${seen}, in a file that is not the one foretold` };
    },
    undo: async (asked, context) => {
      await undo(asked, { service: serviceOf(asked.input), backups, context });
      return look(asked.input);
    },
  };
}

interface At {
  readonly service: SettingService;
  readonly backups: Backups;
  readonly context: EffectContext;
}

async function apply(asked: Apply<ChangeSetting, SettingState>, at: At): Promise<void> {
  const { operationId, input, before, expected } = asked;
  const { config } = await readState(at.service, input.key);
  const found = foundAs(config, asked);
  if (found === 'before') {
    const bytes = changed(config, input);
    if (sha256(bytes) !== expected.sha256) {
      throw new Failure('refused', `the change of ${input.key} is not the one that was foretold`);
    }
    goesOn(at.context);
    await at.backups.keep(operationId, config);
    await replaceFile({ path: at.service.file, current: config, bytes });
  } else if (found === 'foreign' || !(await at.backups.find(operationId, before.sha256))) {
    // Without a copy of ours the change that is there cannot be ours, however alike.
    throw moved(input);
  }
  await reload(input.service, at.service.reloadUrl, at.context.signal);
}

/** Finds `before`: nothing to undo, or an attempt got this far. The reload is repeated in any case: it may be what failed. */
async function undo(asked: Undo<ChangeSetting, SettingState>, at: At): Promise<void> {
  const { operationId, input, before } = asked;
  const { config } = await readState(at.service, input.key);
  const found = foundAs(config, asked);
  if (found === 'foreign') throw moved(input);
  if (found === 'after') {
    const bytes = await at.backups.find(operationId, before.sha256);
    if (bytes === undefined) {
      const fix = 'restore the file by hand, or give the worker the backupFolder it had';
      throw new Failure('refused', `no copy of the file of ${input.service} was kept: ${fix}`);
    }
    goesOn(at.context);
    await replaceFile({ path: at.service.file, current: config, bytes });
  }
  await reload(input.service, at.service.reloadUrl, at.context.signal);
  const { sha256: restored } = await readConfigFile(at.service.file);
  if (restored === before.sha256) await at.backups.forget(operationId);
}

function foundAs(
  { sha256 }: ConfigFile,
  { before, expected }: { before: SettingState; expected: SettingState },
): Found {
  if (sha256 === before.sha256) return 'before';
  return sha256 === expected.sha256 ? 'after' : 'foreign';
}

async function stateOf(service: SettingService, key: string): Promise<SettingState> {
  const { sha256, value } = await readState(service, key);
  return { sha256, value };
}

function changed(config: ConfigFile, { key, value }: ChangeSetting): Buffer {
  if (!Number.isFinite(value)) throw new Failure('refused', `${key} cannot become ${value}`);
  return Buffer.from(withNumber(textOf(config), key, value));
}

function textOf({ bytes }: ConfigFile): string {
  try {
    // With its byte order mark, if it has one: what is read must give the same bytes again.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Failure('refused', 'the file is no UTF-8: save it as such');
  }
}

function goesOn({ signal, requireClaim }: EffectContext): void {
  if (signal.aborted) throw new Failure('unknown', 'the file was not touched: time is up');
  requireClaim();
}

function moved({ service, key }: SettingRef): Failure {
  return new Failure('refused', `the file with ${key} of ${service} was changed by somebody else`);
}
