/** A small sealed ledger in memory: its lines as PostgreSQL would show them, leaves, checkpoints here and outside. For tampering with. */
import { signCheckpoint } from '../../activities/audit/checkpoint.js';
import type { Evidence, KeptNote, SealedLeaf } from '../../activities/audit/evidence.js';
import { Frontier } from '../../activities/audit/frontier.js';
import { readLine } from '../../activities/audit/leaf.js';
import {
  makeSigningKeyText,
  parseSigningKey,
  type SigningKey,
} from '../../activities/audit/note.js';
import { entryKinds } from '../../workflows/domain/entry.js';
import { minutes, seconds } from '../../workflows/domain/time.js';

export type Row = Record<string, unknown>;

/** Everything an attacker of the database, or of one place outside, could change. */
export interface World {
  rows: Row[];
  leaves: SealedLeaf[];
  notes: KeptNote[];
  outside: KeptNote[];
  published: number[];
}

export const place = 'file:///outside';
export const key: SigningKey = parseSigningKey(makeSigningKeyText('ledger.example/belay'));
export const startMs = Date.UTC(2026, 0, 1);

export const columns = [
  ...['id', 'run', 'runbook', 'digest', 'service', 'environment', 'tier', 'kind', 'action_class'],
  ...['trigger', 'actor', 'level', 'reason', 'outcome', 'step', 'says', 'expected', 'actual'],
  ...['before_state', 'after_state', 'duration_ms', 'at', 'recorded_at', 'detail', 'seq'],
];

/** Times as row_to_json shows them. */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.?0*Z$/, '+00:00');
}

export function rowAt(at: number): Row {
  const run = at % 11 === 0 ? null : `restart-service.${Math.floor(at / 7)}.1767225600000`;
  const atMs = startMs + minutes(at) + 137;
  return {
    seq: at + 1 + Math.floor(at / 10),
    id: `${at}`.padStart(64, 'a'),
    run,
    runbook: run === null ? null : 'restart-service',
    digest: '0'.repeat(64),
    service: `shop-${at % 5}`,
    environment: 'production',
    tier: ['info', 'warning', 'critical'][at % 3],
    kind: entryKinds[at % 12],
    action_class: 'restart',
    trigger: 'alert',
    actor: at % 2 === 0 ? 'belay' : null,
    level: (at % 5) + 1,
    reason: at % 4 === 0 ? 'stopped' : null,
    outcome: at % 6 === 0 ? 'resolved' : null,
    step: 'restart',
    says: `line ${at} says something`,
    expected: { state: 'RUNNING', pid: 'new' },
    actual: at % 3 === 0 ? null : { state: 'RUNNING', pid: at },
    before_state: { state: 'EXITED', pid: 0 },
    after_state: null,
    duration_ms: at * 13,
    at: instant(atMs - 20),
    recorded_at: instant(atMs),
    detail: { operation: `r/${at}`, parts: [1, 0.5, at / 3], nested: { text: 'x', yes: true } },
  };
}

/** So many lines, a checkpoint after each `every` of them; lines committed late stand later in the tree than in the ledger. */
export function sealedWorld(lines: number, every: number): World {
  const rows = Array.from({ length: lines }, (_, at) => rowAt(at));
  const world: World = { rows, leaves: [], notes: [], outside: [], published: [] };
  seal(world, every);
  return world;
}

/** Seals the world's lines anew, as the notary would have. */
export function seal(
  world: World,
  every: number,
  { by = key, signedAtMs }: { readonly by?: SigningKey; readonly signedAtMs?: number } = {},
): void {
  const tree = new Frontier();
  const order = world.rows.map((row) => readLine(JSON.stringify(row)));
  swapLate(order);
  world.leaves = order.map(({ seq, hash }, index) => ({ index, seq, hash }));
  world.notes = [];
  for (const [index, { hash, recordedAtMs }] of order.entries()) {
    tree.add(hash);
    if ((index + 1) % every !== 0 && index + 1 !== order.length) continue;
    const atMs = signedAtMs ?? Math.ceil(recordedAtMs / 1000) * 1000 + seconds(2);
    const note = signCheckpoint(by, { size: tree.size, root: tree.root(), atMs });
    world.notes.push({ size: tree.size, note });
  }
  world.outside = [...world.notes];
  world.published = world.notes.map(({ size }) => size);
}

function swapLate<Item>(items: Item[]): void {
  for (let at = 5; at + 1 < items.length; at += 17) {
    const [one, other] = [items[at], items[at + 1]];
    if (one === undefined || other === undefined) return;
    [items[at], items[at + 1]] = [other, one];
  }
}

/** A JSON null is written with the mark that the database's query gives it; see leaf.ts. */
export const jsonNull = Symbol('a JSON null');

function textOf(row: Row): string {
  const marked = Object.values(row).includes(jsonNull);
  const plain = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === jsonNull ? null : value]),
  );
  const text = JSON.stringify(plain).replace(/"raw:([^"]*)"/g, '$1');
  return marked ? `${text} ` : text;
}

const pageOf = 64;

async function* pages<Item>(items: readonly Item[]): AsyncGenerator<readonly Item[]> {
  for (let at = 0; at < items.length; at += pageOf)
    yield await Promise.resolve(items.slice(at, at + pageOf));
}

/** As it would be read from a database and a place that are like this. */
export function evidenceOf(world: World, nowMs: number): Evidence {
  const inOrder = world.rows.toSorted((left, right) => Number(left['seq']) - Number(right['seq']));
  return {
    key,
    lines: pages(inOrder.map((row) => readLine(textOf(row)))),
    leaves: pages(world.leaves),
    notes: pages(world.notes),
    outside: [{ place, from: 0, notes: world.outside, published: world.published }],
    nowMs,
  };
}
