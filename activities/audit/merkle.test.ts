/** The Merkle tree against the published vectors of RFC 6962, and against a naive tree for every shape a random tree can have. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Frontier } from './frontier.js';
import {
  bytesOf,
  consistencySpans,
  emptyRoot,
  extendsTree,
  includes,
  inclusionSpans,
  joined,
  leafHash,
  nodeHash,
  placesOf,
  spansBeside,
  type Hash,
  type Span,
} from './merkle.js';

/** The leaves and roots of the Certificate Transparency reference implementation, sizes 0 to 8. */
const published = {
  leaves: [
    '',
    '00',
    '10',
    '2021',
    '3031',
    '40414243',
    '5051525354555657',
    '606162636465666768696a6b6c6d6e6f',
  ],
  roots: [
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
    'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
    '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
    'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
    '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
  ],
};
const publishedLeaves = published.leaves.map((hex) => leafHash(Buffer.from(hex, 'hex')));

const hex = (hash: Hash): string => bytesOf(hash).toString('hex');

/** RFC 6962 section 2.1, word for word. */
function naiveRoot(leaves: readonly Hash[]): Hash {
  const [first] = leaves;
  if (first === undefined) return emptyRoot;
  if (leaves.length === 1) return first;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function grown(leaves: readonly Hash[]): Frontier {
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.add(leaf);
  return frontier;
}

const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, at) => leafHash(`leaf ${at}`));
const rootsOf = (leaves: readonly Hash[], spans: readonly Span[]) =>
  spans.map(({ from, to }) => naiveRoot(leaves.slice(from, to)));

describe('the published vectors of RFC 6962', () => {
  test.each(published.roots.map((root, size) => [size, root] as const))(
    'the tree of %s leaves has the published root',
    (size, root) => {
      expect(hex(grown(publishedLeaves.slice(0, size)).root())).toBe(root);
    },
  );

  test.each([
    [
      0,
      8,
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e ' +
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
    [
      5,
      8,
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0 ' +
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ])('leaf %s in the tree of %s has the published proof', (index, size, proof) => {
    const spans = inclusionSpans(index, size);
    expect(rootsOf(publishedLeaves, spans).map(hex).join(' ')).toBe(proof);
  });

  test('the tree of 2 begins the tree of 5 with the published proof', () => {
    const proof = rootsOf(publishedLeaves, consistencySpans(2, 5)).map(hex);
    expect(proof).toEqual([
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ]);
  });
});

describe('against a naive tree', () => {
  const sized = fc.integer({ min: 1, max: 70 });
  const within = sized.chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));

  test('a frontier that goes on from its peaks has the root of the whole', () => {
    fc.assert(
      fc.property(within, ([size, cut]) => {
        const leaves = leavesOf(size);
        const peaks = placesOf({ from: 0, to: cut }).map(({ level, index }) =>
          naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
        );
        const frontier = Frontier.at(cut, peaks);
        for (const leaf of leaves.slice(cut)) frontier.add(leaf);
        expect(frontier.root()).toEqual(naiveRoot(leaves));
      }),
    );
  });

  test('every group that becomes whole is told once, with its root', () => {
    fc.assert(
      fc.property(sized, (size) => {
        const leaves = leavesOf(size);
        const frontier = new Frontier();
        const told: string[] = [];
        for (const leaf of leaves) {
          frontier.add(leaf, ({ level, index }, hash) => {
            const group = leaves.slice(index * 2 ** level, (index + 1) * 2 ** level);
            expect(hash).toEqual(naiveRoot(group));
            told.push(`${level}/${index}`);
          });
        }
        expect(new Set(told).size).toBe(told.length);
        expect(told.length).toBe(
          [1, 2, 4, 8, 16, 32].reduce((sum, half) => sum + Math.floor(size / (half * 2)), 0),
        );
      }),
    );
  });

  test('a leaf is included with its proof, and neither elsewhere, nor another, nor with a changed proof', () => {
    fc.assert(
      fc.property(within, fc.nat(), ([size, index], salt) => {
        const leaves = leavesOf(size);
        const head = { size, root: naiveRoot(leaves) };
        const proof = rootsOf(leaves, inclusionSpans(index, size));
        const hash = leaves[index] ?? emptyRoot;
        expect(includes(head, { index, hash }, proof)).toBe(true);
        expect(includes(head, { index, hash: leafHash('another') }, proof)).toBe(false);
        expect(includes(head, { index: size, hash }, proof)).toBe(false);
        expect(includes(head, { index, hash }, [...proof, hash])).toBe(false);
        if (size > 1) {
          const wrong = proof.with(salt % proof.length, leafHash('wrong'));
          expect(includes(head, { index, hash }, wrong)).toBe(false);
          expect(includes(head, { index: (index + 1) % size, hash }, proof)).toBe(false);
        }
      }),
    );
  });

  test('a tree is the beginning of a later one, and of none with an earlier leaf changed', () => {
    fc.assert(
      fc.property(within, fc.nat(), ([size, before], salt) => {
        const first = before + 1;
        const leaves = leavesOf(size);
        const other = leaves.with(salt % first, leafHash('changed'));
        const old = { size: first, root: naiveRoot(leaves.slice(0, first)) };
        const proofIn = (all: readonly Hash[]) =>
          first === size ? [] : rootsOf(all, consistencySpans(first, size));
        const now = { size, root: naiveRoot(leaves) };
        expect(extendsTree(old, now, proofIn(leaves))).toBe(true);
        expect(extendsTree(old, { size, root: naiveRoot(other) }, proofIn(other))).toBe(false);
        expect(extendsTree({ ...old, root: leafHash('x') }, now, proofIn(leaves))).toBe(false);
        if (first < size) {
          expect(extendsTree(old, now, proofIn(leaves).slice(1))).toBe(false);
          expect(extendsTree(now, old, proofIn(leaves))).toBe(false);
        }
      }),
    );
  });

  test('any choice of leaves and the spans beside them make up the whole tree, none twice', () => {
    fc.assert(
      fc.property(sized, fc.uniqueArray(fc.nat(69)), (size, picked) => {
        const known = picked.filter((index) => index < size).sort((left, right) => left - right);
        const spans = spansBeside(known, size);
        const covered = [
          ...known,
          ...spans.flatMap(({ from, to }) =>
            Array.from({ length: to - from }, (_, at) => from + at),
          ),
        ];
        expect(covered.sort((left, right) => left - right)).toEqual(
          Array.from({ length: size }, (_, at) => at),
        );
      }),
    );
  });

  test('the places of a span join to its root', () => {
    fc.assert(
      fc.property(within, ([size, index]) => {
        const leaves = leavesOf(size);
        for (const span of inclusionSpans(index, size)) {
          const hashes = placesOf(span).map((place) =>
            naiveRoot(
              leaves.slice(place.index * 2 ** place.level, (place.index + 1) * 2 ** place.level),
            ),
          );
          expect(joined(hashes)).toEqual(naiveRoot(leaves.slice(span.from, span.to)));
        }
      }),
    );
  });
});
