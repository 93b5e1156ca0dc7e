/** Thousands of random falsifications of a sealed ledger, each of which must be found; and that an honest one is found honest. */
import { describe, expect, test } from '@jest/globals';
import { examine } from '../../activities/audit/examine.js';
import { hours, minutes } from '../../workflows/domain/time.js';
import { evidenceOf, instant, seal, sealedWorld, startMs, type World } from './sealed-world.js';
import { tampers, type Draw } from './tamper.js';

const lines = 180;
const every = 25;
/** Ten minutes after the last line. */
const nowMs = startMs + minutes(lines + 10);
const honest = sealedWorld(lines, every);
const count = process.env['BELAY_LONG'] === '1' ? 10_000 : 400;
const seed = Number(process.env['BELAY_SEED'] ?? 7);

function copyOf(world: World): World {
  const rows = world.rows.map((row) => ({ ...row }));
  return {
    ...world,
    rows,
    leaves: [...world.leaves],
    notes: [...world.notes],
    outside: [...world.outside],
  };
}

/** Mulberry32: small, and the same numbers from the same seed everywhere. */
function drawFrom(start: number): Draw {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('an honest ledger', () => {
  test('has no flaw, with lines that were committed late, and with new ones', async () => {
    const world = copyOf(honest);
    const seen = await examine(evidenceOf(world, nowMs));
    expect(seen).toMatchObject({
      flaws: [],
      lines,
      leaves: lines,
      waiting: 0,
      checkpointsOutside: 8,
    });
    expect(seen.proved.size).toBe(lines);
  });

  test('with lines that the notary did not come to yet has no flaw, but not for long', async () => {
    const longer = sealedWorld(lines + 3, 1000).rows.slice(lines);
    const world = { ...copyOf(honest), rows: [...honest.rows, ...longer] };
    const seen = await examine(evidenceOf(world, startMs + minutes(lines + 3)));
    expect(seen).toMatchObject({ flaws: [], waiting: 3 });
    const later = await examine(evidenceOf(world, nowMs + hours(1)));
    expect(later.flaws.map(({ kind }) => kind)).toEqual(['unsealed', 'unsealed', 'unsealed']);
  });
});

test(`all of ${count} random falsifications are found`, async () => {
  const draw = drawFrom(seed);
  const missed: string[] = [];
  const startedMs = performance.now();
  for (let round = 0; round < count; round += 1) {
    const tamper = tampers[round % tampers.length];
    if (tamper === undefined) throw new Error('there are tampers');
    const world = copyOf(honest);
    const did = tamper.do(world, draw);
    const { flaws } = await examine(evidenceOf(world, nowMs));
    if (flaws.length === 0) missed.push(`${round}: ${tamper.name}: ${did}`);
  }
  const tookS = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (count > 1000)
    process.stdout.write(`${count} falsifications, ${missed.length} missed, ${tookS} s\n`);
  expect(missed).toEqual([]);
}, 600_000);

test.each([
  ['edit any column of a line', 'edited'],
  ['delete lines', 'missing'],
  ['insert a line', 'added'],
  ['cut the last lines, leaves and checkpoints off', 'truncated'],
  ['set the whole database back to a checkpoint', 'truncated'],
  ['change a line and its leaf', 'forked'],
  ['replace a checkpoint outside by one of another key', 'signature'],
  ['take a checkpoint away outside', 'checkpoint'],
  ['delete a line and its leaf', 'gap'],
  ['delete lines and say they were retired', 'retired'],
])('whoever tries to %s is told as %s', async (name, kind) => {
  const tamper = tampers.find((one) => one.name === name);
  const world = copyOf(honest);
  tamper?.do(world, drawFrom(4));
  const { flaws } = await examine(evidenceOf(world, nowMs));
  expect(flaws.map((flaw) => flaw.kind)).toContain(kind);
});

describe('clocks that cannot be', () => {
  const kindsOf = async (world: World, atMs = nowMs) =>
    (await examine(evidenceOf(world, atMs))).flaws.map(({ kind }) => kind);

  test('a line of the future, which no later one follows', async () => {
    const world = copyOf(honest);
    const late = {
      ...sealedWorld(lines + 1, 1000).rows[lines],
      recorded_at: instant(nowMs + hours(2)),
    };
    world.rows.push(late);
    expect(await kindsOf(world)).toEqual(['clock']);
  });

  test('a checkpoint that was signed in the future', async () => {
    expect(await kindsOf(copyOf(honest), startMs + minutes(lines - 4))).toContain('clock');
  });

  test('a line that was recorded after the checkpoint that has it', async () => {
    const world = copyOf(honest);
    const last = world.rows.at(-1);
    if (last === undefined) throw new Error('there are lines');
    last['recorded_at'] = instant(startMs + minutes(lines + 5));
    seal(world, lines, { signedAtMs: startMs + minutes(lines) });
    expect(await kindsOf(world)).toEqual(['clock']);
  });
});

test('names the line and the run that were edited', async () => {
  const world = copyOf(honest);
  const row = world.rows[40];
  if (row === undefined) throw new Error('there is such a line');
  row['actor'] = 'person:mallory';
  const { flaws } = await examine(evidenceOf(world, nowMs));
  expect(flaws).toEqual([
    {
      kind: 'edited',
      says: 'line 45 of run restart-service.5.1767225600000 ("line 40 says something") is not the line that was sealed',
      seq: 45,
      run: 'restart-service.5.1767225600000',
    },
  ]);
});
