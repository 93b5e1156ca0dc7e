/** What the ledger is examined by: lines, leaves and checkpoints from the database, checkpoints from outside. Shapes only. */
import type { LedgerLine } from './leaf.js';
import type { Hash } from './merkle.js';
import type { VerifierKey } from './note.js';

export interface SealedLeaf {
  readonly index: number;
  readonly seq: number;
  readonly hash: Hash;
}

export interface KeptNote {
  readonly size: number;
  readonly note: string;
}

export interface OutsideNotes {
  /** The place's name, as the database knows it. */
  readonly place: string;
  /** Sizes below this one were not asked for; 0 asks for all. */
  readonly from: number;
  /** Ascending by size. */
  readonly notes: readonly KeptNote[];
  /** Sizes that the database says it brought there, ascending. */
  readonly published: readonly number[];
}

export interface Evidence {
  readonly key: VerifierKey;
  /** Ascending by number, in pages. */
  readonly lines: AsyncIterable<readonly LedgerLine[]>;
  /** Ascending by index, in pages. */
  readonly leaves: AsyncIterable<readonly SealedLeaf[]>;
  /** The database's own checkpoints, ascending by size, in pages. */
  readonly notes: AsyncIterable<readonly KeptNote[]>;
  readonly outside: readonly OutsideNotes[];
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** One after another from pages, with a look at the next. */
export class Cursor<Item> {
  private readonly pages: AsyncIterator<readonly Item[]>;
  private page: readonly Item[] = [];
  private at = 0;

  constructor(pages: AsyncIterable<readonly Item[]>) {
    this.pages = pages[Symbol.asyncIterator]();
  }

  /** What is left of the page that is there, taken as a whole; empty at the end. */
  async rest(): Promise<readonly Item[]> {
    await this.fill();
    const rest = this.page.slice(this.at);
    this.at = this.page.length;
    return rest;
  }

  /** Undefined at the end. */
  async peek(): Promise<Item | undefined> {
    await this.fill();
    return this.page[this.at];
  }

  skip(): void {
    this.at += 1;
  }

  private async fill(): Promise<void> {
    while (this.at >= this.page.length) {
      const { done, value } = await this.pages.next();
      if (done === true) return;
      this.page = value;
      this.at = 0;
    }
  }
}
