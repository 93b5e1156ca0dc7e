/** The right edge of a growing Merkle tree: takes leaves, answers the root, forgets what is below. A few hundred bytes at any size. */
import { emptyRoot, joined, nodeHash, type Hash, type Place } from './merkle.js';

/** Told of each group of 2^level leaves that became whole, level 1 and above. */
export type OnWhole = (place: Place, hash: Hash) => void;

/** Not for two writers at once. */
export class Frontier {
  private readonly peaks: { level: number; hash: Hash }[] = [];
  private leaves = 0;

  /** Of the tree whose places, from the left, have these roots. Throws when they are not as many as that size has. */
  static at(size: number, hashes: readonly Hash[]): Frontier {
    const frontier = new Frontier();
    let rest = size;
    for (const hash of hashes) {
      if (rest < 1) throw new RangeError(`a tree of ${size} has fewer than ${hashes.length} peaks`);
      const level = Math.floor(Math.log2(rest));
      frontier.peaks.push({ level, hash });
      rest -= 2 ** level;
    }
    if (rest !== 0) throw new RangeError(`a tree of ${size} has more than ${hashes.length} peaks`);
    frontier.leaves = size;
    return frontier;
  }

  /** Grows by itself from here. */
  copy(): Frontier {
    const frontier = new Frontier();
    frontier.peaks.push(...this.peaks);
    frontier.leaves = this.leaves;
    return frontier;
  }

  get size(): number {
    return this.leaves;
  }

  add(leaf: Hash, onWhole?: OnWhole): void {
    this.leaves += 1;
    let [level, hash] = [0, leaf];
    for (let last = this.peaks.at(-1); last?.level === level; last = this.peaks.at(-1)) {
      this.peaks.pop();
      hash = nodeHash(last.hash, hash);
      level += 1;
      onWhole?.({ level, index: this.leaves / 2 ** level - 1 }, hash);
    }
    this.peaks.push({ level, hash });
  }

  root(): Hash {
    return this.peaks.length === 0 ? emptyRoot : joined(this.peaks.map(({ hash }) => hash));
  }
}
