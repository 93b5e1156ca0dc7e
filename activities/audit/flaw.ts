/** What a look at the ledger can find wrong with it, and what it answers. Data only. */

/**
 * - `edited`: a line is not the one that was sealed.     - `missing`: a sealed line is gone.
 * - `added`: a line is there that was never sealed, older than what was; or twice.
 * - `gap`: the tree lacks a leaf.                        - `forked`: the tree is not the one that was signed.
 * - `truncated`: more was signed than there is: lines were cut off, or the database was set back.
 * - `signature`: a checkpoint is not signed by the key.  - `checkpoint`: one is missing, or not the one outside.
 * - `clock`: times that cannot be.                       - `unsealed`: lines that wait for the notary too long.
 * - `retired`: a month went too early or against its word.
 */
export type FlawKind =
  | 'edited'
  | 'missing'
  | 'added'
  | 'gap'
  | 'forked'
  | 'truncated'
  | 'signature'
  | 'checkpoint'
  | 'clock'
  | 'unsealed'
  | 'retired';

export interface Flaw {
  readonly kind: FlawKind;
  /** One sentence for a person. */
  readonly says: string;
  /** The line's number in the ledger, where it is about one. */
  readonly seq?: number;
  readonly run?: string;
}

/** The first flaws of each kind, and how many there were: a ledger that was cut to pieces does not fill the memory. */
export class Flaws {
  private readonly counts = new Map<FlawKind, number>();
  readonly found: Flaw[] = [];

  constructor(private readonly keptOfEach = 100) {}

  add(flaw: Flaw): void {
    const count = (this.counts.get(flaw.kind) ?? 0) + 1;
    this.counts.set(flaw.kind, count);
    if (count <= this.keptOfEach) this.found.push(flaw);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
