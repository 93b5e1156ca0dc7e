/** A place outside the database where checkpoints are kept: what one can do, and how its files are named. Holds no key. */

export interface Published {
  readonly size: number;
  /** The signed note, byte for byte. */
  readonly note: string;
}

export interface Destination {
  /** How people and the database know it; without credentials. */
  readonly name: string;
  /** Resolves once it is kept there for good. The same again changes nothing; another note of that size is a Forked error. */
  put(checkpoint: Published): Promise<void>;
  /** Sizes of the checkpoints there, from this one on, ascending. */
  sizes(from: number): Promise<number[]>;
  /** Throws a DestinationError when there is none of that size. */
  get(size: number): Promise<string>;
}

/** It could not be written or read: what happened, and the fix. Carries no credentials. */
export class DestinationError extends Error {
  override readonly name = 'DestinationError';
  constructor(
    readonly what: string,
    readonly fix: string,
  ) {
    super(`${what}: ${fix}`);
  }
}

/** Two different trees of one size were signed, or somebody put something else there. */
export class Forked extends Error {
  override readonly name = 'Forked';
  constructor(place: string, size: number) {
    super(
      `${place} holds another checkpoint of ${size} lines than the database: the ledger was changed, or the one there was`,
    );
  }
}

const digits = 15;
const suffix = '.checkpoint';

/** Sorts like the sizes; 100,000 sizes share a folder. */
export function pathOfSize(size: number): string {
  const name = String(size).padStart(digits, '0');
  return `${name.slice(0, 10)}/${name}${suffix}`;
}

/** Undefined for what is no checkpoint's path. */
export function sizeOfPath(path: string): number | undefined {
  const [, name] = /(?:^|\/)(\d{15})\.checkpoint$/.exec(path) ?? [];
  return name === undefined ? undefined : Number(name);
}

/** The sizes among these paths from one on, ascending. */
export function sizesIn(paths: readonly string[], from: number): number[] {
  const sizes = paths.flatMap((path) => sizeOfPath(path) ?? []);
  return sizes.filter((size) => size >= from).sort((left, right) => left - right);
}
