/** Numbers by chance from a seed: the same seed makes the same choices, though not the same instants. Draws from nothing else. */

export interface Chance {
  /** From `low`, up to but not including `high`. */
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** True this often, from 0 to 1. */
  happens(share: number): boolean;
  /** Throws a RangeError for an empty list. */
  pick<Item>(items: readonly Item[]): Item;
  /** Another stream of numbers, so that one use does not shift the other's. */
  fork(name: string): Chance;
}

export function chanceFrom(seed: number): Chance {
  const draw = mulberry(seed >>> 0);
  const between = (low: number, high: number): number => low + draw() * (high - low);
  const whole = (low: number, high: number): number => Math.floor(between(low, high + 1));
  return {
    between,
    whole,
    happens: (share) => draw() < share,
    pick(items) {
      const item = items[whole(0, items.length - 1)];
      if (item === undefined) throw new RangeError('there is nothing to pick from');
      return item;
    },
    fork: (name) => chanceFrom(hashOf(name, seed)),
  };
}

/** Small, quick and even enough for choosing faults; not for secrets. */
function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function hashOf(name: string, seed: number): number {
  let hash = seed ^ 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}
