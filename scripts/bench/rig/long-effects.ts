/** Effects that go on and on: one process's share of what is in flight when somebody says stop. Notes each one's last change. */
import { setTimeout as sleep } from 'node:timers/promises';
import { implementAction, type EffectContext } from '../../../activities/adapter.js';
import { callsOf } from '../../../activities/effects.js';
import { openDb } from '../../../activities/store/db.js';
import { createOperations } from '../../../activities/store/operations.js';
import { watchSwitch } from '../../../activities/store/stop-watch.js';
import { defineAction } from '../../../workflows/actions/action.js';
import { minutes, seconds } from '../../../workflows/domain/time.js';
import { clockMs } from './clock.js';

const reading = { timeoutMs: seconds(5), attemptsMax: 1 };

const churn = defineAction<{ what: string }, number>({
  name: 'bench.churn',
  class: 'churn',
  reversal: 'undo',
  target: ({ what }) => what,
  describe: ({ what }) => `churn ${what}`,
  resource: 'none',
  reading,
  changing: { timeoutMs: minutes(10), attemptsMax: 1 },
});

/** As a worker beats: see activities/temporal.ts. */
const beatEveryMs = seconds(1);
const changeEveryMs = 50;

export interface LongEffects {
  /** How many have made a change. */
  underWay(): number;
  /** When each made its last change, on the bench's clock; resolves once every one has ended. */
  readonly lastChangesMs: Promise<readonly number[]>;
  close(): Promise<void>;
}

/** Begins them all, each under a claim of its own with heartbeats, through the store as a worker has it. */
export async function beginLongEffects(options: {
  readonly url: string;
  readonly stopFile: string;
  readonly count: number;
  readonly round: number;
}): Promise<LongEffects> {
  const { url, stopFile, count, round } = options;
  const db = openDb({ url, poolMax: 20, name: 'belay-bench-effects' });
  const watch = await watchSwitch({ url, file: stopFile });
  const last = new Map<string, number>();
  const call = callsOf([churning(last)], createOperations(db), { watch }).get(churn.apply.name);
  if (call === undefined) throw new Error(`${churn.apply.name} is not implemented`);
  const begin = async (index: number): Promise<void> => {
    let beat = (): Promise<boolean> => Promise.resolve(true);
    const beating = setInterval(() => void beat().catch(() => false), beatEveryMs);
    const alive = (ask: () => Promise<boolean>): void => {
      beat = ask;
    };
    const operationId = `bench.${process.pid}.${round}/churn-${index}`;
    const context = { signal: new AbortController().signal, alive };
    await call({ operationId } as never, context)
      .catch(() => undefined)
      .finally(() => {
        clearInterval(beating);
      });
  };
  const all = Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
  return {
    underWay: () => last.size,
    lastChangesMs: all.then(() => [...last.values()]),
    async close() {
      await watch.stop();
      await db.destroy();
    },
  };
}

function churning(last: Map<string, number>) {
  const work = async (operationId: string, context: EffectContext): Promise<number> => {
    for (;;) {
      context.requireClaim();
      last.set(operationId, clockMs());
      await sleep(changeEveryMs);
    }
  };
  return implementAction(churn, {
    look: () => Promise.resolve(0),
    plan: () => 1,
    apply: ({ operationId }, context) => work(operationId, context),
    verify: () => Promise.resolve({ well: true, seen: '' }),
    undo: () => Promise.resolve(0),
  });
}
