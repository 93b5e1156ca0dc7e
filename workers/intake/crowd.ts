/** Counts the new firings of each failure domain since somebody looked. It holds no clock and decides nothing. */

export interface Crowd {
  /** True for the one that makes it a crowd. */
  add(domain: string): boolean;
  /** Whether there are more than may be. */
  isIn(domain: string): boolean;
  clear(): void;
}

/** Domains counted by themselves between two looks; what comes from further ones is left to the look. */
const domainsMax = 1_000;

export function createCrowd(firingsMax: number): Crowd {
  const counts = new Map<string, number>();
  return {
    add(domain) {
      const count = (counts.get(domain) ?? 0) + 1;
      if (count === 1 && counts.size >= domainsMax) return false;
      counts.set(domain, count);
      return count === firingsMax + 1;
    },
    isIn: (domain) => (counts.get(domain) ?? 0) > firingsMax,
    clear: () => counts.clear(),
  };
}
