/** Ways to falsify a sealed ledger, by whoever owns the database, its backups, or one place outside, but not the key. */
import { signCheckpoint } from '../../activities/audit/checkpoint.js';
import { Frontier } from '../../activities/audit/frontier.js';
import { leafHash } from '../../activities/audit/merkle.js';
import { readLine } from '../../activities/audit/leaf.js';
import { makeSigningKeyText, parseSigningKey } from '../../activities/audit/note.js';
import {
  columns,
  instant,
  jsonNull,
  key,
  rowAt,
  seal,
  startMs,
  type Row,
  type World,
} from './sealed-world.js';

/** A whole number from 0 up to and without `below`. */
export type Draw = (below: number) => number;

export interface Tamper {
  readonly name: string;
  /** Changes the world, and answers what it did, for whoever must look into it. */
  do(world: World, draw: Draw): string;
}

const thief = parseSigningKey(makeSigningKeyText(key.name));

function pick<Item>(items: readonly Item[], draw: Draw): Item {
  const item = items[draw(items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** Another value of the same sort, seldom the one that was there. */
function other(value: unknown, draw: Draw): unknown {
  if (typeof value === 'number') return value + 1 + draw(1000);
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value))
    return instant(startMs + draw(1e10));
  if (typeof value === 'string') return spoiled(value, draw);
  if (value === null) return pick(['x', { state: 'x' }, 1, jsonNull], draw);
  if (Array.isArray(value)) return value.length > 0 ? value.slice(1) : [1];
  return spoiledObject(value as Row, draw);
}

function spoiled(text: string, draw: Draw): string {
  const at = draw(text.length + 1);
  const letter = pick(['a', 'b', 'Z', ' ', 'é', '\u200b', '0'], draw);
  return `${text.slice(0, at)}${letter}${text.slice(at)}`;
}

function spoiledObject(value: Row, draw: Draw): unknown {
  if (Object.keys(value).length === 0) return { state: 'x' };
  const name = pick(Object.keys(value), draw);
  const changed = { ...value, [name]: other(value[name], draw) };
  const gone = Object.fromEntries(Object.entries(value).filter(([one]) => one !== name));
  return pick(
    [changed, gone, { ...value, more: null }, { ...value, [name]: 'raw:1.0' }, null],
    draw,
  );
}

function editColumn(row: Row, draw: Draw): string {
  const column = pick(columns, draw);
  const before = row[column];
  for (
    let tries = 0;
    tries < 20 && JSON.stringify(before) === JSON.stringify(row[column]);
    tries += 1
  )
    row[column] = other(before, draw);
  if (
    row[column] === jsonNull &&
    !['expected', 'actual', 'before_state', 'after_state', 'detail'].includes(column)
  )
    row[column] = 'x';
  return `${column} of ${String(row['says'])}: ${JSON.stringify(before)} to ${JSON.stringify(row[column])}`;
}

function rehashed(world: World): void {
  const bySeq = new Map(
    world.rows.map((row) => [Number(row['seq']), readLine(JSON.stringify(row))]),
  );
  world.leaves = world.leaves.map((leaf) => ({
    ...leaf,
    hash: bySeq.get(leaf.seq)?.hash ?? leaf.hash,
  }));
}

/** The checkpoints in the database as somebody without the key would have to write them. */
function resigned(world: World): void {
  const tree = new Frontier();
  const sizes = new Set(world.notes.map(({ size }) => size));
  world.notes = [];
  for (const { hash } of world.leaves) {
    tree.add(hash);
    if (!sizes.has(tree.size)) continue;
    const atMs = startMs + tree.size * 60_000;
    world.notes.push({
      size: tree.size,
      note: signCheckpoint(thief, { size: tree.size, root: tree.root(), atMs }),
    });
  }
}

function renumbered(world: World): void {
  world.leaves = world.leaves.map((leaf, index) => ({ ...leaf, index }));
}

function cutTo(world: World, size: number): void {
  world.leaves = world.leaves.slice(0, size);
  const kept = new Set(world.leaves.map(({ seq }) => seq));
  world.rows = world.rows.filter((row) => kept.has(Number(row['seq'])));
  world.notes = world.notes.filter((note) => note.size <= size);
}

function swap<Item>(items: Item[], one: number, two: number): void {
  const [left, right] = [items[one], items[two]];
  if (left === undefined || right === undefined) throw new Error('nothing to swap');
  [items[one], items[two]] = [right, left];
}

function twoOf(count: number, draw: Draw): [number, number] {
  const one = draw(count);
  return [one, (one + 1 + draw(count - 1)) % count];
}

/** A line that never was, at a time long enough before the last checkpoint. */
function forgedRow(world: World, draw: Draw): Row {
  const like = rowAt(draw(world.rows.length - 5));
  const seqs = new Set(world.rows.map((row) => Number(row['seq'])));
  const free = Array.from({ length: world.rows.length * 2 }, (_, at) => at + 1).filter(
    (at) => !seqs.has(at),
  );
  const seq = draw(3) === 0 ? Number(like['seq']) : pick(free, draw);
  return { ...like, id: `forged ${draw(1e9)}`, says: 'it was approved', seq };
}

export const tampers: readonly Tamper[] = [
  {
    name: 'edit any column of a line',
    do: (world, draw) => editColumn(pick(world.rows, draw), draw),
  },
  {
    name: 'delete lines',
    do(world, draw) {
      const [from, count] = [draw(world.rows.length), 1 + draw(5)];
      world.rows.splice(from, count);
      return `${count} from ${from}`;
    },
  },
  {
    name: 'insert a line',
    do(world, draw) {
      const row = forgedRow(world, draw);
      world.rows.push(row);
      return JSON.stringify(row['seq']);
    },
  },
  {
    name: 'insert a line and a leaf for it',
    do(world, draw) {
      const row = forgedRow(world, draw);
      world.rows.push(row);
      const { seq, hash } = readLine(JSON.stringify(row));
      world.leaves.splice(draw(world.leaves.length), 0, { index: 0, seq, hash });
      renumbered(world);
      return String(seq);
    },
  },
  {
    name: 'swap the numbers of two lines',
    do(world, draw) {
      const [one, two] = twoOf(world.rows.length, draw).map((at) => world.rows[at]);
      if (one === undefined || two === undefined) throw new Error('there are lines');
      [one['seq'], two['seq']] = [two['seq'], one['seq']];
      return `${String(one['seq'])} and ${String(two['seq'])}`;
    },
  },
  {
    name: 'swap the numbers of two lines and their leaves',
    do(world, draw) {
      const [one, two] = twoOf(world.rows.length, draw).map((at) => world.rows[at]);
      if (one === undefined || two === undefined) throw new Error('there are lines');
      [one['seq'], two['seq']] = [two['seq'], one['seq']];
      rehashed(world);
      return `${String(one['seq'])} and ${String(two['seq'])}`;
    },
  },
  {
    name: 'swap two leaves',
    do(world, draw) {
      const [one, two] = twoOf(world.leaves.length, draw);
      swap(world.leaves, one, two);
      renumbered(world);
      return `${one} and ${two}`;
    },
  },
  {
    name: 'cut the last lines off',
    do(world, draw) {
      const count = 1 + draw(world.rows.length - 1);
      world.rows.splice(-count);
      return String(count);
    },
  },
  {
    name: 'cut the last lines, leaves and checkpoints off',
    do(world, draw) {
      const size = draw(world.leaves.length);
      cutTo(world, size);
      return `to ${size}`;
    },
  },
  {
    name: 'set the whole database back to a checkpoint',
    do(world, draw) {
      const { size } = pick(world.notes.slice(0, -1), draw);
      cutTo(world, size);
      world.published = world.published.filter((one) => one <= size);
      return `to ${size}`;
    },
  },
  {
    name: 'set the database back and let it grow otherwise',
    do(world, draw) {
      const { size } = pick(world.notes.slice(0, -1), draw);
      const { outside } = world;
      cutTo(world, size);
      for (let at = size; at < size + 60; at += 1)
        world.rows.push({ ...rowAt(at), says: 'otherwise' });
      seal(world, 25, { by: thief });
      Object.assign(world, { outside });
      return `to ${size}`;
    },
  },
  {
    name: 'change a line and its leaf',
    do(world, draw) {
      const did = editColumn(pick(world.rows, draw), draw);
      rehashed(world);
      return did;
    },
  },
  {
    name: 'change a line, its leaf and every checkpoint in the database',
    do(world, draw) {
      const did = editColumn(pick(world.rows, draw), draw);
      rehashed(world);
      resigned(world);
      return did;
    },
  },
  {
    name: 'delete a line, its leaf, and number the others anew',
    do(world, draw) {
      const [gone] = world.leaves.splice(draw(world.leaves.length), 1);
      world.rows = world.rows.filter((row) => Number(row['seq']) !== gone?.seq);
      renumbered(world);
      return String(gone?.seq);
    },
  },
  {
    name: 'delete a line and its leaf',
    do(world, draw) {
      const [gone] = world.leaves.splice(draw(world.leaves.length), 1);
      world.rows = world.rows.filter((row) => Number(row['seq']) !== gone?.seq);
      return String(gone?.seq);
    },
  },
  {
    name: 'change the hash of a leaf',
    do(world, draw) {
      const at = draw(world.leaves.length);
      world.leaves = world.leaves.map((leaf) =>
        leaf.index === at ? { ...leaf, hash: leafHash(`x${draw(1e9)}`) } : leaf,
      );
      return String(at);
    },
  },
  {
    name: 'let a leaf stand for another line',
    do(world, draw) {
      const [one, two] = twoOf(world.leaves.length, draw);
      const seq = world.leaves[two]?.seq ?? 0;
      world.leaves = world.leaves.map((leaf) => (leaf.index === one ? { ...leaf, seq } : leaf));
      return `${one} for ${two}`;
    },
  },
  {
    name: 'replace a checkpoint in the database by one of another key',
    do(world, draw) {
      const at = draw(world.notes.length);
      const { size } = world.notes[at] ?? { size: 0 };
      const note = signCheckpoint(thief, { size, root: leafHash('x'), atMs: startMs });
      world.notes[at] = { size, note };
      return String(size);
    },
  },
  {
    name: 'take a checkpoint out of the database',
    do: (world, draw) => String(world.notes.splice(draw(world.notes.length), 1)[0]?.size),
  },
  {
    name: 'replace a checkpoint outside by one of another key',
    do(world, draw) {
      const at = draw(world.outside.length);
      const { size } = world.outside[at] ?? { size: 0 };
      world.outside[at] = {
        size,
        note: signCheckpoint(thief, { size, root: leafHash('x'), atMs: startMs }),
      };
      return String(size);
    },
  },
  {
    name: 'put one checkpoint outside in the place of another',
    do(world, draw) {
      const [one, two] = twoOf(world.outside.length, draw);
      const { size } = world.outside[one] ?? { size: 0 };
      world.outside[one] = { size, note: world.outside[two]?.note ?? '' };
      return `${two} for ${one}`;
    },
  },
  {
    name: 'take a checkpoint away outside',
    do: (world, draw) => String(world.outside.splice(draw(world.outside.length), 1)[0]?.size),
  },
  {
    name: 'change one character of a checkpoint',
    do(world, draw) {
      const notes = draw(2) === 0 ? world.notes : world.outside;
      const at = draw(notes.length);
      const { size, note } = notes[at] ?? { size: 0, note: '' };
      const letter = draw(note.length);
      notes[at] = {
        size,
        note: `${note.slice(0, letter)}${note[letter] === 'A' ? 'B' : 'A'}${note.slice(letter + 1)}`,
      };
      return `${size} at ${letter}`;
    },
  },
  {
    name: 'delete lines and say they were retired',
    do(world, draw) {
      const [from, count] = [draw(world.leaves.length - 8), 1 + draw(7)];
      const gone = new Set(world.leaves.slice(from, from + count).map(({ seq }) => seq));
      const word = {
        ...rowAt(world.rows.length),
        kind: 'audit',
        detail: { retired: { month: '2026-01', digest: '', leaves: [[from, from + count]] } },
      };
      world.rows.push(word);
      seal(world, 25); // the notary takes the word in like every other line
      world.rows = world.rows.filter((row) => !gone.has(Number(row['seq'])));
      return `${count} from ${from}`;
    },
  },
];
