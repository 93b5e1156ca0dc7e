/** Work in order within a key, side by side between keys, with a bound on both; knows nothing of what the work is. */

/** `next` goes on with the key; `drop` lets go of everything that waits behind, which is kept elsewhere. */
export type LaneAnswer = 'next' | 'drop';

export interface LanesOptions<Item> {
  readonly keyOf: (item: Item) => string;
  /** Must not throw. */
  readonly work: (item: Item) => Promise<LaneAnswer>;
  readonly atOnceMax: number;
  /** Items held, the ones being worked on included. */
  readonly heldMax: number;
}

export interface Lanes<Item> {
  /** Resolves when the item was worked on or dropped. False when there is no room. */
  add(item: Item): Promise<void> | false;
  /** True when an item of this key is held. */
  holds(key: string): boolean;
  size(): number;
  /** Resolves when nothing is held any more. */
  idle(): Promise<void>;
}

interface Held<Item> {
  readonly item: Item;
  readonly done: () => void;
}

export function createLanes<Item>(options: LanesOptions<Item>): Lanes<Item> {
  const lanes = new Map<string, Held<Item>[]>();
  /** Keys with work that nobody is at, in the order they came. */
  const ready: string[] = [];
  let held = 0;
  let atWork = 0;
  let waiting: (() => void)[] = [];

  const release = (items: readonly Held<Item>[]): void => {
    held -= items.length;
    for (const { done } of items) done();
    if (held > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const workOn = async (key: string, lane: Held<Item>[]): Promise<void> => {
    const [first] = lane;
    if (first === undefined) return;
    const answer = await options.work(first.item);
    const finished = answer === 'drop' ? lane.splice(0) : lane.splice(0, 1);
    if (lane.length === 0) lanes.delete(key);
    else ready.push(key);
    atWork -= 1;
    release(finished);
    pump();
  };

  const pump = (): void => {
    while (atWork < options.atOnceMax) {
      const key = ready.shift();
      const lane = key === undefined ? undefined : lanes.get(key);
      if (key === undefined || lane === undefined) return;
      atWork += 1;
      void workOn(key, lane);
    }
  };

  return {
    add(item) {
      if (held >= options.heldMax) return false;
      held += 1;
      const key = options.keyOf(item);
      const lane = lanes.get(key);
      const done = new Promise<void>((resolve) => {
        const entry = { item, done: resolve };
        if (lane) lane.push(entry);
        else lanes.set(key, [entry]);
      });
      if (!lane) ready.push(key);
      pump();
      return done;
    },
    holds: (key) => lanes.has(key),
    size: () => held,
    idle: () =>
      held === 0 ? Promise.resolve() : new Promise<void>((resolve) => waiting.push(resolve)),
  };
}
