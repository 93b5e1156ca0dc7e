/** Workflows that try to change the world past `run.step`; the interceptor must refuse each. */
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import { changeSetting, readSetting } from '../../workflows/actions/setting.js';

type Calls = Record<string, (input: unknown) => Promise<unknown>>;

const options = { startToCloseTimeout: '5s', retry: { maximumAttempts: 1 } } as const;
const remote = proxyActivities<Calls>(options);
const local = proxyLocalActivities<Calls>(options);
const change = {
  operationId: 'rogue/lower-retries',
  input: { service: 'shop', key: 'retries', value: 0 },
};

export async function appliesPastTheStep(): Promise<unknown> {
  return remote[changeSetting.apply.name]?.(change);
}

export async function undoesPastTheStep(): Promise<unknown> {
  return remote[changeSetting.undo.name]?.(change);
}

export async function appliesLocally(): Promise<unknown> {
  return local[changeSetting.apply.name]?.(change);
}

/** Reading is free: this one must pass. */
export async function onlyReads(): Promise<unknown> {
  return local[readSetting.name]?.({ service: 'shop', key: 'retries' });
}
