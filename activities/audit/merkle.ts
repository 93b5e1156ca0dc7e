/**
 * The Merkle tree of RFC 6962 (and 9162): hashes, roots, proofs and their checking. Pure: it keeps no tree and reads no store.
 * A span is the leaves from `from` up to and without `to`; sizes and indexes are whole numbers below 2^53.
 */
import { hash } from 'node:crypto';

/** The 32 bytes of a SHA-256, a character each: they are made by the million, and a Buffer costs more than the hash itself. */
export type Hash = string;

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The root of 2^level leaves, the `index`-th such group from the left. */
export interface Place {
  readonly level: number;
  readonly index: number;
}

function sha256(data: string | Uint8Array): Hash {
  return hash('sha256', data, 'binary');
}

/** As databases and base64 have it. */
export function bytesOf(digest: Hash): Buffer {
  return Buffer.from(digest, 'latin1');
}

/** Of bytes that may be anything: what is no hash equals none. */
export function hashIn(bytes: Uint8Array): Hash {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** The root of a tree without leaves. */
export const emptyRoot: Hash = sha256('');

const leafPrefix = Buffer.of(0);
const pair = Buffer.alloc(65, 1);

/** Of an entry's bytes; text counts as its UTF-8. */
export function leafHash(data: string | Uint8Array): Hash {
  if (typeof data === 'string') return sha256(`\0${data}`);
  return sha256(Buffer.concat([leafPrefix, data]));
}

/** Of two subtrees, the left one first. */
export function nodeHash(left: Hash, right: Hash): Hash {
  pair.write(left, 1, 'latin1');
  pair.write(right, 33, 'latin1');
  return sha256(pair);
}

/** How many leaves go to the left of so many: the greatest power of two below. For two leaves or more. */
function splitOf(leaves: number): number {
  let left = 1;
  while (left * 2 < leaves) left *= 2;
  return left;
}

/** The leaves beside the way from a leaf to the root of `size` leaves, the nearest first: an inclusion proof holds their roots. */
export function inclusionSpans(index: number, size: number): Span[] {
  requireInside(index, size);
  const beside: Span[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitOf(to - from);
    beside.unshift(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return beside;
}

/** The spans whose roots prove that the tree of `first` leaves is the beginning of the tree of `second`; both above 0. */
export function consistencySpans(first: number, second: number): Span[] {
  if (first < 1 || first > second) throw new RangeError(`no tree of ${first} begins ${second}`);
  const spans: Span[] = [];
  let [from, to] = [0, second];
  while (first !== to) {
    const middle = from + splitOf(to - from);
    spans.unshift(first <= middle ? { from: middle, to } : { from, to: middle });
    if (first <= middle) to = middle;
    else from = middle;
  }
  return from === 0 ? spans : [{ from, to }, ...spans];
}

/** The spans that, with the leaves `known` (ascending), make up a tree of `size`: one proof for many leaves. */
export function spansBeside(known: readonly number[], size: number): Span[] {
  const found: Span[] = [];
  const cover = ({ from, to }: Span, [first, end]: readonly [number, number]): void => {
    if (first === end) found.push({ from, to });
    if (first === end || to - from === 1) return;
    const middle = from + splitOf(to - from);
    const cut = firstAtLeast(known, middle, [first, end]);
    cover({ from, to: middle }, [first, cut]);
    cover({ from: middle, to }, [cut, end]);
  };
  if (size > 0) cover({ from: 0, to: size }, [0, known.length]);
  return found;
}

function firstAtLeast(
  sorted: readonly number[],
  value: number,
  [first, end]: readonly [number, number],
): number {
  let [low, high] = [first, end];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The whole groups of 2^level leaves a span consists of, from the left. The span must be a subtree of some tree. */
export function placesOf({ from, to }: Span): Place[] {
  const places: Place[] = [];
  let start = from;
  while (start < to) {
    let [level, width] = [0, 1];
    while (start % (width * 2) === 0 && start + width * 2 <= to)
      [level, width] = [level + 1, width * 2];
    places.push({ level, index: start / width });
    start += width;
  }
  return places;
}

/** The root of a span from the roots of its places, in their order. */
export function joined(hashes: readonly Hash[]): Hash {
  const [last, ...others] = hashes.toReversed();
  return others.reduce((right, left) => nodeHash(left, right), last ?? emptyRoot);
}

/** True when the leaf is at `index` in the tree of `size` with this root. Never throws. */
export function includes(
  tree: { readonly size: number; readonly root: Hash },
  leaf: { readonly index: number; readonly hash: Hash },
  proof: readonly Hash[],
): boolean {
  if (!(leaf.index >= 0 && leaf.index < tree.size)) return false;
  const spans = inclusionSpans(leaf.index, tree.size);
  if (spans.length !== proof.length) return false;
  const root = proof.reduce((below, beside, position) => {
    const isLeft = (spans[position]?.from ?? 0) < leaf.index;
    return isLeft ? nodeHash(beside, below) : nodeHash(below, beside);
  }, leaf.hash);
  return root === tree.root;
}

interface Head {
  readonly size: number;
  readonly root: Hash;
}

/** True when the tree `first` is the beginning of `second`. Never throws. */
export function extendsTree(first: Head, second: Head, proof: readonly Hash[]): boolean {
  if (first.size === second.size) return proof.length === 0 && first.root === second.root;
  if (first.size === 0) return proof.length === 0 && first.root === emptyRoot;
  if (first.size > second.size) return false;
  const spans = consistencySpans(first.size, second.size);
  if (spans.length !== proof.length) return false;
  const whole = isPowerOfTwo(first.size);
  const start = whole ? first.root : proof[0];
  if (start === undefined) return false;
  let [old, all] = [start, start];
  for (const [position, span] of spans.entries()) {
    const beside = proof[position];
    if (beside === undefined || (!whole && position === 0)) continue;
    const isLeft = span.from < first.size;
    if (isLeft) old = nodeHash(beside, old);
    all = isLeft ? nodeHash(beside, all) : nodeHash(all, beside);
  }
  return old === first.root && all === second.root;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

function requireInside(index: number, size: number): void {
  if (index < 0 || index >= size) throw new RangeError(`no leaf ${index} in a tree of ${size}`);
}
