/**
 * Turns many small writes into few: each flush takes everything that arrived during the one before it, in order.
 * It waits for nothing: a lone item is flushed at once. It knows no database.
 */

/** The queue is full: whoever asked must come again later. */
export class BatcherFull extends Error {
  override readonly name = 'BatcherFull';
  constructor(pendingMax: number) {
    super(`${pendingMax} writes are waiting already; try again later`);
  }
}

export interface BatcherOptions<Item, Result> {
  /** In one flush, by weight; a single item may be heavier. */
  readonly itemsMax: number;
  /** How many of `itemsMax` one item counts for; 1 by default. */
  weightOf?(item: Item): number;
  /** Waiting or being flushed; past this `add` rejects with BatcherFull. */
  readonly pendingMax: number;
  /** Flushes under way at a time; 1 unless given. With more, a later one may be done before an earlier one. */
  readonly atOnceMax?: number;
  /** Writes all or nothing; as many results as items, in their order. */
  flush(items: readonly Item[]): Promise<readonly Result[]>;
  /** True when one item may be at fault, so that each is worth a flush of its own; every error by default. */
  blames?(error: unknown): boolean;
}

export interface Batcher<Item, Result> {
  /** Resolves once the item was flushed; rejects with what its flush threw. */
  add(item: Item): Promise<Result>;
  /** Resolves once nothing is waiting any more. */
  drained(): Promise<void>;
  /** Items waiting or being flushed. */
  size(): number;
}

interface Pending<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Gathers items into flushes; a full queue rejects with BatcherFull, a failed flush rejects its items. */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const { pendingMax, atOnceMax = 1 } = options;
  const waiting: Pending<Item, Result>[] = [];
  const flushing = new Set<Promise<void>>();
  let inFlight = 0;

  /** Ends in the very turn in which it finds nothing waiting: what is added after that begins another. */
  const drain = async (ended: () => void): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, countOf(options, waiting));
      inFlight += batch.length;
      await settle(options, batch);
      inFlight -= batch.length;
    }
    ended();
  };
  const begin = (): void => {
    if (flushing.size >= atOnceMax) return;
    const one: Promise<void> = Promise.resolve().then(() => drain(() => flushing.delete(one)));
    flushing.add(one);
  };

  return {
    add(item) {
      if (waiting.length + inFlight >= pendingMax) {
        return Promise.reject(new BatcherFull(pendingMax));
      }
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        begin();
      });
    },
    async drained() {
      while (flushing.size > 0) await Promise.all(flushing);
    },
    size: () => waiting.length + inFlight,
  };
}

/** How many from the front fit one flush; at least one. */
function countOf<Item, Result>(
  { itemsMax, weightOf = () => 1 }: BatcherOptions<Item, Result>,
  waiting: readonly Pending<Item, Result>[],
): number {
  let weight = 0;
  const tooHeavy = waiting.findIndex(({ item }) => {
    weight += weightOf(item);
    return weight > itemsMax;
  });
  return tooHeavy < 0 ? waiting.length : Math.max(1, tooHeavy);
}

/** Never rejects. */
async function settle<Item, Result>(
  options: BatcherOptions<Item, Result>,
  batch: readonly Pending<Item, Result>[],
): Promise<void> {
  try {
    const results = await options.flush(batch.map(({ item }) => item));
    if (results.length !== batch.length) throw new RangeError('a flush must answer every item');
    for (const [at, pending] of batch.entries()) pending.resolve(results[at] as Result);
  } catch (error) {
    const alone = batch.length === 1 || options.blames?.(error) === false;
    if (alone) for (const pending of batch) pending.reject(error);
    else for (const pending of batch) await settle(options, [pending]);
  }
}
