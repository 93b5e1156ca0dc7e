/**
 * Holds every checkpoint, from the database and from outside, against the tree as it grows, and says between which two of them it is
 * not the tree that was signed. Sees leaves by their place only.
 */
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import { minutes } from '../../workflows/domain/time.js';
import { Cursor, type Evidence, type KeptNote, type OutsideNotes } from './evidence.js';
import type { Flaws } from './flaw.js';
import type { Hash } from './merkle.js';

interface Proved {
  readonly size: number;
  readonly atMs: number;
}

/** What is told of a leaf: whose it is, and when its line was recorded, which nobody knows of a line that is gone. */
export interface LeafName {
  readonly seq: number;
  readonly run: string | undefined;
  /** Unix milliseconds; NaN when it cannot be one. */
  readonly recordedAtMs: number;
}

/** The database's clock and the notary's differ by less. */
const clockSlackMs = minutes(1);

const namedMax = 5;

/** What is said of the leaves since the last tree that was as signed: not all of them, there may be millions. */
class Since {
  first: number | undefined;
  last: number | undefined;
  /** -Infinity when nothing is known. */
  newestMs = -Infinity;
  readonly runs = new Set<string>();

  add({ seq, run, recordedAtMs }: LeafName): void {
    this.first ??= seq;
    this.last = seq;
    if (recordedAtMs > this.newestMs) this.newestMs = recordedAtMs;
    if (run !== undefined && this.runs.size < namedMax) this.runs.add(run);
  }
}

export class Heads {
  /** The largest tree that is as it was signed. */
  proved: Proved = { size: 0, atMs: 0 };
  checked = 0;
  checkedOutside = 0;
  private forked = false;
  private newestMs = 0;
  /** Below it nothing is signed. */
  private nextSize = 0;
  private since = new Since();
  private readonly kept: Cursor<KeptNote>;
  private readonly outside: { from: OutsideNotes; at: number }[];

  constructor(
    private readonly evidence: Evidence,
    private readonly flaws: Flaws,
  ) {
    this.kept = new Cursor(evidence.notes);
    this.outside = evidence.outside.map((from) => ({ from, at: 0 }));
  }

  /** After each leaf; `root` is only asked where something was signed, and only there is anything to wait for. */
  grown(size: number, leaf: LeafName, root: () => Hash): Promise<void> | undefined {
    if (!this.forked) this.since.add(leaf);
    return size < this.nextSize ? undefined : this.signed(size, root);
  }

  private async signed(size: number, root: () => Hash): Promise<void> {
    if ((await this.smallestAhead()) <= size) await this.compare(size, root());
    this.nextSize = await this.smallestAhead();
  }

  private async smallestAhead(): Promise<number> {
    const kept = (await this.kept.peek())?.size ?? Infinity;
    const outside = this.outside.map(({ from, at }) => from.notes[at]?.size ?? Infinity);
    return Math.min(kept, ...outside);
  }

  /** What was signed and is beyond the tree's end. */
  async ended(size: number): Promise<void> {
    for (let next = await this.kept.peek(); next; next = await this.kept.peek()) {
      this.kept.skip();
      const opened = this.open(next, 'the database');
      if (opened) this.beyond(opened, 'the database', size);
    }
    for (const { from, at } of this.outside) {
      for (const note of from.notes.slice(at)) {
        const opened = this.open(note, from.place);
        if (opened) this.beyond(opened, from.place, size);
      }
    }
    for (const { from } of this.outside) this.vanished(from);
  }

  private async compare(size: number, root: Hash): Promise<void> {
    const own = await this.ownNote(size);
    if (own !== undefined) this.match(own, 'the database', root);
    for (const place of this.outside) {
      for (let note = place.from.notes[place.at]; note; note = place.from.notes[place.at]) {
        if (note.size > size) break;
        place.at += 1;
        this.checkedOutside += 1;
        this.match(note, place.from.place, root);
        if (own === undefined) this.unknownHere(note, place.from.place);
        else if (own.note !== note.note) this.differs(note, place.from.place);
      }
    }
  }

  /** Those below the size have none of that size in the tree, which only happens when leaves are out of order. */
  private async ownNote(size: number): Promise<KeptNote | undefined> {
    for (let next = await this.kept.peek(); next; next = await this.kept.peek()) {
      if (next.size > size) return undefined;
      this.kept.skip();
      if (next.size === size) return next;
      this.flaws.add({
        kind: 'checkpoint',
        says: `a checkpoint of ${next.size} lines fits no tree`,
      });
    }
    return undefined;
  }

  private open(note: KeptNote, place: string): Checkpoint | undefined {
    try {
      const opened = openCheckpoint(note.note, this.evidence.key);
      if (opened.size === note.size) return opened;
      throw new Error(`it is one of ${opened.size}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.flaws.add({
        kind: 'signature',
        says: `the checkpoint of ${note.size} lines in ${place} is not to be believed: ${why}`,
      });
      return undefined;
    }
  }

  private match(note: KeptNote, place: string, root: Hash): void {
    const opened = this.open(note, place);
    if (opened === undefined) return;
    this.checked += 1;
    if (opened.atMs < this.newestMs)
      this.flaws.add({
        kind: 'clock',
        says: `the checkpoint of ${note.size} lines was signed before one of fewer lines`,
      });
    this.newestMs = Math.max(this.newestMs, opened.atMs);
    this.tellTimes(opened, place);
    if (opened.root === root) {
      if (!this.forked) this.proved = { size: opened.size, atMs: opened.atMs };
      this.since = new Since();
    } else this.fork(opened, place);
  }

  private tellTimes({ size, atMs }: Checkpoint, place: string): void {
    if (atMs > this.evidence.nowMs + clockSlackMs)
      this.flaws.add({
        kind: 'clock',
        says: `the checkpoint of ${size} lines in ${place} was signed at a time that is still to come`,
      });
    if (this.since.newestMs > atMs + clockSlackMs)
      this.flaws.add({
        kind: 'clock',
        says: `a line up to number ${this.since.last ?? '?'} was recorded after the checkpoint of ${size} lines that has it was signed`,
      });
  }

  private fork({ size, atMs }: Checkpoint, place: string): void {
    if (this.forked) return;
    this.forked = true;
    const from = this.proved.size;
    const { first, last } = this.since;
    const runs = [...this.since.runs];
    const named = runs.length === 0 ? '' : `; runs there: ${runs.join(', ')}`;
    this.flaws.add({
      kind: 'forked',
      says:
        `the tree of ${size} lines is not the one signed at ${new Date(atMs).toISOString()} (${place}), that of ${from} still is: ` +
        `a line among the numbers ${first ?? '?'} to ${last ?? '?'} and its leaf were changed together${named}`,
      ...(first === undefined ? {} : { seq: first }),
      ...(runs[0] === undefined ? {} : { run: runs[0] }),
    });
    this.since = new Since();
  }

  private beyond({ size, atMs }: Checkpoint, place: string, leaves: number): void {
    this.flaws.add({
      kind: 'truncated',
      says:
        `${size} lines were signed at ${new Date(atMs).toISOString()} (${place}), and the tree has ${leaves}: ` +
        'its end was cut off, or the database was set back',
    });
  }

  private unknownHere({ size }: KeptNote, place: string): void {
    this.flaws.add({
      kind: 'checkpoint',
      says: `the database does not know the checkpoint of ${size} lines that is in ${place}`,
    });
  }

  private differs({ size }: KeptNote, place: string): void {
    this.flaws.add({
      kind: 'checkpoint',
      says: `the checkpoint of ${size} lines in the database is not the one in ${place}`,
    });
  }

  private vanished({ place, from, notes, published }: OutsideNotes): void {
    const there = new Set(notes.map(({ size }) => size));
    for (const size of published) {
      if (size < from || there.has(size)) continue;
      this.flaws.add({
        kind: 'checkpoint',
        says: `the checkpoint of ${size} lines was brought to ${place} and is not there any more`,
      });
    }
    const told = new Set(published);
    for (const size of there) {
      if (published.length === 0 || size < (published[0] ?? 0) || told.has(size)) continue;
      if (size > (published.at(-1) ?? 0)) continue;
      this.flaws.add({
        kind: 'checkpoint',
        says: `the database does not know that the checkpoint of ${size} lines was brought to ${place}`,
      });
    }
  }
}
