/** Plays a story in the simulator and writes what its runs said into a real store, at a time of the test's own choosing. */
import { noGuards } from '../../activities/guards/source.js';
import { createStore } from '../../activities/store/store.js';
import type { Db } from '../../activities/store/db.js';
import { instantText } from '../../workflows/domain/time.js';
import type { RunRef } from '../../workflows/store.js';
import { createSimulator, storyStartMs } from './simulator/simulator.js';
import { playOn } from './story/in-simulator.js';
import { isEntry } from './story/told.js';
import { storiesFolder } from './story/shelf.js';
import type { Story } from './story/story.js';

export interface Retold {
  readonly story: string;
  /** When it begins. */
  readonly atMs: number;
  /** Only its first so many milliseconds: what comes later has not happened yet. */
  readonly firstMs?: number;
}

/** The ids of its runs. Lines go through the store's own record call; recorded_at is the database's time. */
export async function keepStory(db: Db, retold: Retold): Promise<readonly string[]> {
  const { story: name, atMs, firstMs = Infinity } = retold;
  const { default: story } = (await import(`${storiesFolder}${name}.story.ts`)) as {
    default: Story;
  };
  const refs = new Map<string, RunRef>();
  const simulator = createSimulator({
    policy: story.policy,
    faults: story.faults,
    ...(story.services === undefined ? {} : { services: story.services }),
    instead: {
      calls: (calls) => new Map([...calls].map(([call, run]) => [call, noting(refs, run)])),
    },
  });
  const told = await playOn(simulator, story);
  const lines = told.lines.filter(isEntry).filter((line) => line.atMs < storyStartMs + firstMs);
  const store = createStore({
    db,
    policy: unruly,
    guards: noGuards,
    digestOf: () => 'f'.repeat(64),
  });
  for (const [run, ref] of refs) {
    const own = lines.filter((line) => line.run === run);
    const moved = JSON.parse(movedText({ ref, own }, atMs - storyStartMs)) as {
      ref: RunRef;
      own: typeof own;
    };
    await store.record({ ...moved.ref, entries: moved.own, notices: [] });
  }
  return [...refs.keys()].map((run) => movedText(run, atMs - storyStartMs).slice(1, -1));
}

type Call = (input: never, context: never) => Promise<unknown>;

/** Every call of the store says whose it is. */
function noting<Wrapped extends Call>(refs: Map<string, RunRef>, call: Wrapped): Wrapped {
  return ((input: Partial<RunRef>, context: never) => {
    const { run, runbook, alert, trigger } = input;
    if (run !== undefined && runbook !== undefined && alert !== undefined) {
      refs.set(run, { run, runbook, alert, trigger: trigger ?? 'alert' });
    }
    return call(input as never, context);
  }) as unknown as Wrapped;
}

/** As JSON, with every instant of the story's day moved, in the names of its runs as well. */
function movedText(value: unknown, byMs: number): string {
  return JSON.stringify(value)
    .replace(/\b1767[56]\d{8}\b/g, (ms) => String(Number(ms) + byMs))
    .replace(/2026-01-05T\d\d:\d\d:\d\d\.\d{3}Z/g, (at) => instantText(Date.parse(at) + byMs));
}

const unruly = {
  ask: () => Promise.resolve({ known: false, why: 'nobody asks' } as const),
  tierOf: () => Promise.resolve('warning' as const),
};
