/**
 * Stands in for `@temporalio/workflow` under `runtime-temporal.ts`: each run's commands are written down, its calls are made
 * by the simulator. Knows only what that file and `search-attributes.ts` import.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { changesTheWorld, type Call } from '../../../workflows/actions/action.js';
import { isFailureKind, messageOf } from '../../../workflows/domain/failure.js';
import { operationOf } from '../../../workflows/effect-mark.js';
import { lookAtClock } from '../../../workflows/actions/clock.js';
import type { SimRuntime } from '../../support/simulator/sim-runtime.js';
import type { VirtualTime } from '../../support/simulator/virtual-time.js';
import { log, type RunLog } from './commands.js';

type Handler = (payload: unknown) => void;

/** One run's sandbox. */
export class Sandbox {
  readonly log: RunLog = log.open();
  readonly handlers = new Map<string, Handler>();
  otherwise: ((name: string, ...payloads: unknown[]) => void) | undefined;
  /** Looks again whether what is waited for is so. */
  readonly waiting = new Set<() => void>();
  readonly patches = new Set<string>();

  constructor(
    readonly id: string,
    readonly time: VirtualTime,
    readonly calls: SimRuntime,
  ) {}

  signal(name: string, payload: unknown): void {
    const handler = this.handlers.get(name);
    if (handler !== undefined) handler(payload);
    else this.otherwise?.(name, payload);
    for (const look of [...this.waiting]) look();
  }
}

const sandboxes = new AsyncLocalStorage<Sandbox>();

/** Everything the work does, now or later, it does in this sandbox. */
export function within<Result>(sandbox: Sandbox, work: () => Result): Result {
  return sandboxes.run(sandbox, work);
}

function here(): Sandbox {
  const sandbox = sandboxes.getStore();
  if (sandbox === undefined) throw new Error('workflow code was called outside of a run');
  return sandbox;
}

/** A run that gives too many commands waits for ever, which the virtual clock notices. */
function give(command: string): Promise<void> {
  here().log.give(command);
  return log.overrun() ? new Promise(() => undefined) : Promise.resolve();
}

export class ApplicationFailure extends Error {
  constructor(
    message: string,
    readonly type: string,
  ) {
    super(message);
  }
}

export class ActivityFailure extends Error {
  constructor(override readonly cause: Error) {
    super(cause.message);
  }
}

interface ActivityOptions {
  readonly retry: { readonly maximumAttempts: number };
}

type CallByName = (name: string, input: unknown, askedAtMs?: number) => Promise<unknown>;
type Activities = Record<string, (input: unknown, askedAtMs?: number) => Promise<unknown>>;

function proxy(call: CallByName): Activities {
  return new Proxy(
    {},
    {
      get: (_, name) => (input: unknown, askedAtMs?: number) => {
        return call(String(name), input, askedAtMs);
      },
    },
  );
}

function callOf(name: string, { retry }: ActivityOptions): Call<unknown, unknown> {
  return { name, timeoutMs: 0, attemptsMax: retry.maximumAttempts };
}

async function ask(call: Call<unknown, unknown>, input: unknown): Promise<unknown> {
  if (call.name.startsWith('store.')) here().log.tell(JSON.stringify(input));
  try {
    return await here().calls.ask(call, input);
  } catch (thrown) {
    const kind = (thrown as { kind?: string }).kind ?? 'unknown';
    throw failed(kind, messageOf(thrown));
  }
}

export function proxyLocalActivities(options: ActivityOptions): Activities {
  return proxy(async (name, input, askedAtMs) => {
    await give(`local activity ${name}`);
    const answer = name === lookAtClock.name ? null : await ask(callOf(name, options), input);
    return askedAtMs === undefined ? answer : { answer, atMs: here().time.now() };
  });
}

export function proxyActivities(options: ActivityOptions): Activities {
  return proxy(async (name, input) => {
    await give(`activity ${name}`);
    if (!changesTheWorld(name)) return ask(callOf(name, options), input);
    const operationId = operationOf(input);
    if (operationId === undefined) throw failed('failed', `${name} was not scheduled by run.step`);
    const effect = { call: callOf(name, options), input, operationId, says: '' };
    const effected = await here().calls.act(effect);
    if (effected.kind === 'applied') return effected.output;
    throw failed(effected.kind, effected.why);
  });
}

function failed(kind: string, message: string): ActivityFailure {
  if (!isFailureKind(kind)) throw new Error(`no kind of failure: ${kind}`);
  return new ActivityFailure(new ApplicationFailure(message, kind));
}

export async function sleep(durationMs: number): Promise<void> {
  await give('timer');
  await here().time.sleep(durationMs);
}

/** As the SDK's: a timer that is taken back when what is waited for comes first. */
export async function condition(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const sandbox = here();
  await give('timer');
  return new Promise((resolve) => {
    const takeBack = sandbox.time.at(sandbox.time.now() + timeoutMs, () => {
      sandbox.waiting.delete(look);
      resolve(holds());
    });
    const look = (): void => {
      if (!holds()) return;
      sandbox.waiting.delete(look);
      takeBack();
      void within(sandbox, () => give('timer taken back'));
      resolve(true);
    };
    sandbox.waiting.add(look);
    look();
  });
}

export function upsertSearchAttributes(): void {
  void give('search attributes');
}

/** Every run is a new one here; the first time a run asks leaves a marker. */
export function patched(id: string): boolean {
  if (!here().patches.has(id)) void give(`patch ${id}`);
  here().patches.add(id);
  return true;
}

/** No command: only queries see it. */
export function setCurrentDetails(): void {}

export function defineSignal(name: string): string {
  return name;
}

export function defineQuery(name: string): string {
  return name;
}

export function setHandler(name: string, handler: Handler | undefined): void {
  if (handler === undefined) here().handlers.delete(name);
  else here().handlers.set(name, handler);
}

export function setDefaultSignalHandler(handler: Sandbox['otherwise']): void {
  here().otherwise = handler;
}

export function workflowInfo(): { workflowId: string; startTime: Date } {
  return { workflowId: here().id, startTime: new Date(here().time.now()) };
}

/** Stories ask for a halt where a person would press Cancel. */
export const CancellationScope = {
  current: () => ({ cancelRequested: new Promise<never>(() => undefined) }),
};
