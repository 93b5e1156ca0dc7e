/** Chance that can be had again: the same seed draws the same. Draws nothing by itself. */

/** Numbers from 0 up to 1, by Mulberry32. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** In an order drawn by the seed. */
export function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const roll = dice(seed);
  return items
    .map((item) => ({ item, drawn: roll() }))
    .toSorted((left, right) => left.drawn - right.drawn)
    .map(({ item }) => item);
}
