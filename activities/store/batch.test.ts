/** Many small writes become few, in order, and one bad item does not spoil the others. */
import { expect, test } from '@jest/globals';
import { BatcherFull, createBatcher } from './batch.js';

const pause = () => new Promise((resolve) => setTimeout(resolve, 5));

function recording(
  options: { failing?: (batch: readonly number[]) => Error | undefined; itemsMax?: number } = {},
) {
  const flushes: number[][] = [];
  const batcher = createBatcher<number, string>({
    itemsMax: options.itemsMax ?? 10,
    pendingMax: 25,
    blames: (error) => !(error instanceof TypeError),
    async flush(batch) {
      flushes.push([...batch]);
      await pause();
      const error = options.failing?.(batch);
      if (error !== undefined) throw error;
      return batch.map((item) => `#${item}`);
    },
  });
  return { flushes, batcher };
}

test('a lone item is flushed at once, and what arrives meanwhile goes together, in order', async () => {
  const { flushes, batcher } = recording();
  const first = batcher.add(0);
  await Promise.resolve();
  await Promise.resolve();
  const rest = [1, 2, 3].map((item) => batcher.add(item));
  expect(await Promise.all([first, ...rest])).toEqual(['#0', '#1', '#2', '#3']);
  expect(flushes).toEqual([[0], [1, 2, 3]]);
});

test('what is added in any turn after the last answer is flushed too', async () => {
  const { batcher } = recording();
  for (let turns = 0; turns < 12; turns += 1) {
    await batcher.add(turns);
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    const late = pause().then(pause).then(pause).then(pause);
    expect(await Promise.race([batcher.add(turns), late])).toBe(`#${turns}`);
  }
});

test('no flush holds more than its bound, by weight', async () => {
  const { flushes, batcher } = recording({ itemsMax: 4 });
  await Promise.all(Array.from({ length: 9 }, (_, item) => batcher.add(item)));
  expect(flushes.map((batch) => batch.length)).toEqual([4, 4, 1]);
  const sizes: number[] = [];
  const heavy = createBatcher<number, number>({
    itemsMax: 5,
    pendingMax: 10,
    weightOf: (item) => item,
    flush: (batch) => Promise.resolve(batch.map((item) => sizes.push(batch.length) + item)),
  });
  await Promise.all([9, 2, 2, 2].map((item) => heavy.add(item)));
  expect(sizes).toEqual([1, 2, 2, 1]);
});

test('one bad item fails alone; the others are written', async () => {
  const { batcher, flushes } = recording({
    failing: (batch) => (batch.includes(2) ? new Error('bad item') : undefined),
  });
  const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
  expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(flushes).toEqual([[1, 2, 3], [1], [2], [3]]);
});

test('an error that no item is to blame for fails all at once, without asking again', async () => {
  const { batcher, flushes } = recording({ failing: () => new TypeError('connection lost') });
  const settled = await Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(flushes).toHaveLength(1);
});

test('a full queue refuses, and takes again once it emptied', async () => {
  const { batcher } = recording();
  const taken = Array.from({ length: 25 }, (_, item) => batcher.add(item));
  await expect(batcher.add(99)).rejects.toThrow(BatcherFull);
  await Promise.all(taken);
  await batcher.drained();
  expect(batcher.size()).toBe(0);
  expect(await batcher.add(99)).toBe('#99');
});
