/** Draws a sample by a seed: the same seed draws the same, and every mutant has the same chance. */

/** All of them when there are not more than `size`; in their own order. */
export function sampleOf<Item>(
  items: readonly Item[],
  { size, seed }: { readonly size: number; readonly seed: number },
): Item[] {
  const random = randomFrom(seed);
  const ranked = items.map((item, place) => ({ item, place, rank: random() }));
  const drawn = ranked.toSorted((left, right) => left.rank - right.rank).slice(0, size);
  return drawn.toSorted((left, right) => left.place - right.place).map(({ item }) => item);
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
