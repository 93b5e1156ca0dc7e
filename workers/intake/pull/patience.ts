/** Since when a difference has been seen, look after look; one that is gone once begins anew. It holds no clock. */

export interface Patience {
  /** Which of these, seen now, an earlier look saw too and `forMs` ago already. What is not among them is forgotten. */
  held(keys: readonly string[], nowMs: number, forMs: number): ReadonlyMap<string, number>;
  /** Nothing was seen: every difference begins anew. */
  forget(): void;
}

/** Keeps as many keys as the last look had. Times are those of a monotonic clock, the answer's too: when it was seen first. */
export function createPatience(): Patience {
  let since = new Map<string, number>();
  return {
    held(keys, nowMs, forMs) {
      const earlier = since;
      since = new Map(keys.map((key) => [key, earlier.get(key) ?? nowMs]));
      return new Map(
        [...since].filter(([key, firstMs]) => earlier.has(key) && nowMs - firstMs >= forMs),
      );
    },
    forget() {
      since = new Map();
    },
  };
}
