/** A run's pen: gathers ledger lines and notices and commits them together, in order; never reads them back. */
import type { Entry, Notice } from './domain/entry.js';
import { limits } from './domain/limits.js';
import type { Outcome } from './domain/outcome.js';
import type { Runtime } from './runtime.js';
import { record, type Pages, type RecordInput, type RunRef } from './store.js';

/** A line as its writer knows it; when and the how-manieth it is, the pen adds. */
export type Note = Omit<Entry, 'atMs' | 'ordinal'>;

export interface Draft {
  readonly lines: readonly Note[];
  readonly notices: readonly Notice[];
}

/**
 * L1. A line that must stand before something happens is followed by `commit` before it happens.
 * L2. Lines wait at most until the run's next store call or its next wait.
 * L3. What was taken out with `take` is committed by the call it was taken for.
 */
export class Ledger {
  private entries: Entry[] = [];
  private notices: Notice[] = [];
  private noted = 0;

  constructor(
    private readonly runtime: Runtime,
    readonly ref: RunRef,
  ) {}

  note(line: Note): void {
    this.entries.push(this.entryOf(line));
  }

  /** The draft as pages, for a call that writes them only when it may; they are not among those that wait. */
  dated({ lines, notices }: Draft): Pages {
    return { entries: lines.map((line) => this.entryOf(line)), notices };
  }

  tell(notice: Notice): void {
    this.notices.push(notice);
  }

  /** Hands the waiting lines to a store call that commits them itself. */
  take(): Pages {
    const pages = { entries: this.entries, notices: this.notices };
    this.entries = [];
    this.notices = [];
    return pages;
  }

  /** Takes lines back that a failed call did not commit; they go before what was noted since. */
  putBack(pages: Pages): void {
    this.entries = [...pages.entries, ...this.entries];
    this.notices = [...pages.notices, ...this.notices];
  }

  /**
   * Commits what waits; returns once it is durable, with the outcome that stands if another came before this one. Waits for as
   * long as the store is away.
   */
  async commit(also: Pick<RecordInput, 'release' | 'quarantine'> = {}): Promise<Outcome | null> {
    const nothingWaits = this.entries.length === 0 && this.notices.length === 0;
    if (nothingWaits && also.release !== true && also.quarantine === undefined) return null;
    return this.runtime.ask(record, { ...this.ref, ...this.take(), ...also }, 'write the ledger');
  }

  private entryOf(line: Note): Entry {
    const says = line.says.slice(0, limits.textMax);
    const ordinal = this.noted;
    this.noted += 1;
    return { ...line, says, atMs: this.runtime.now(), ordinal };
  }
}
