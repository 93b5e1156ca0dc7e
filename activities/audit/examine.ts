/**
 * Examines a ledger from end to end in one pass: every line against its leaf, every leaf against the checkpoints, every checkpoint
 * against its key and against what is outside. It believes nothing but the key and what is outside, reads in pages, changes nothing.
 */
import { minutes, seconds } from '../../workflows/domain/time.js';
import { Cursor, type Evidence, type SealedLeaf } from './evidence.js';
import { Flaws, type Flaw } from './flaw.js';
import { Frontier } from './frontier.js';
import { Heads } from './heads.js';
import type { LedgerLine } from './leaf.js';
import type { Span } from './merkle.js';
import { retirementOf, type Retirement } from './retirement.js';
import { append, countOf, without } from './spans.js';

export interface Examined {
  readonly flaws: readonly Flaw[];
  /** All there were; `flaws` holds the first of each kind. */
  readonly flawCount: number;
  readonly lines: number;
  readonly leaves: number;
  /** Whose month was retired, as the ledger itself says. */
  readonly retired: readonly Retirement[];
  readonly checkpoints: number;
  readonly checkpointsOutside: number;
  /** The largest tree that is as it was signed. */
  readonly proved: { readonly size: number; readonly atMs: number };
  /** Lines that are newer than the last checkpoint. */
  readonly waiting: number;
}

/** Clocks of several connections, and transactions that commit late, differ by less. */
const clockSlackMs = minutes(1);
/** The notary seals every ten seconds. */
const waitMaxMs = minutes(5);

/** Throws only what reading throws, and when a page is no page: whatever was tampered with becomes a flaw. */
export async function examine(evidence: Evidence): Promise<Examined> {
  const examination = new Examination(evidence);
  return examination.run();
}

class Examination {
  private readonly flaws = new Flaws();
  private readonly heads: Heads;
  private readonly tree = new Frontier();
  private readonly root = () => this.tree.root();
  private readonly lines: Cursor<LedgerLine>;
  /** Read, and no leaf for them yet. */
  private readonly loose = new Map<number, LedgerLine>();
  private readonly missing: Span[] = [];
  private readonly missingSeqs = new Map<number, number>();
  private readonly retired: Retirement[] = [];
  private lineCount = 0;
  private lastSeq = -Infinity;
  private sealedSeqMax = 0;
  private newestMs = -Infinity;

  constructor(private readonly evidence: Evidence) {
    this.heads = new Heads(evidence, this.flaws);
    this.lines = new Cursor(evidence.lines);
  }

  async run(): Promise<Examined> {
    for await (const page of this.evidence.leaves) await this.leaves(page);
    await this.readLines(Infinity);
    await this.heads.ended(this.tree.size);
    this.tellMissing();
    const waiting = this.tellLoose();
    return {
      flaws: this.flaws.found,
      flawCount: this.flaws.total,
      lines: this.lineCount,
      leaves: this.tree.size,
      retired: this.retired,
      checkpoints: this.heads.checked,
      checkpointsOutside: this.heads.checkedOutside,
      proved: this.heads.proved,
      waiting,
    };
  }

  private async leaves(page: readonly SealedLeaf[]): Promise<void> {
    const highest = page.reduce((max, { seq }) => Math.max(max, seq), 0);
    this.sealedSeqMax = Math.max(this.sealedSeqMax, highest);
    await this.readLines(highest);
    for (const leaf of page) {
      if (leaf.index !== this.tree.size) this.tellGap(leaf);
      const line = this.matched(leaf);
      const size = this.tree.size + 1;
      this.tree.add(leaf.hash);
      const compared = this.heads.grown(size, line ?? lost(leaf), this.root);
      if (compared !== undefined) await compared;
    }
  }

  private matched(leaf: SealedLeaf): LedgerLine | undefined {
    const line = this.loose.get(leaf.seq);
    if (line === undefined) {
      append(this.missing, leaf.index);
      if (this.missing.at(-1)?.from === leaf.index) this.missingSeqs.set(leaf.index, leaf.seq);
      return undefined;
    }
    this.loose.delete(leaf.seq);
    if (line.hash !== leaf.hash) this.tell('edited', line, 'is not the line that was sealed');
    else if (line.kind === 'audit') this.noteRetirement(line);
    return line;
  }

  private noteRetirement(line: LedgerLine): void {
    const retirement = retirementOf(line.leaf);
    if (retirement === undefined) return;
    this.retired.push(retirement);
    if (!retirement.wasDue)
      this.tell('retired', line, `retired ${retirement.month} before it was 90 days old`);
  }

  private async readLines(upTo: number): Promise<void> {
    while (this.lastSeq < upTo) {
      const page = await this.lines.rest();
      if (page.length === 0) return;
      for (const line of page) this.take(line);
    }
  }

  private take(line: LedgerLine): void {
    this.lineCount += 1;
    if (line.seq <= this.lastSeq || Number.isNaN(line.seq))
      this.tell('added', line, 'has a number that another line has');
    else this.loose.set(line.seq, line.kind === 'audit' ? line : { ...line, leaf: '' }); // thousands wait here
    if (!Number.isNaN(line.seq)) this.lastSeq = line.seq;
    const { recordedAtMs } = line;
    if (Number.isNaN(recordedAtMs)) this.tell('clock', line, 'was recorded at no time');
    else if (recordedAtMs > this.evidence.nowMs + clockSlackMs)
      this.tell('clock', line, 'was recorded at a time that is still to come');
    else if (recordedAtMs < this.newestMs - clockSlackMs)
      this.tell(
        'clock',
        line,
        `was recorded ${secondsText(this.newestMs - recordedAtMs)} before an earlier one`,
      );
    this.newestMs = Math.max(this.newestMs, recordedAtMs || -Infinity);
  }

  private tellGap({ index, seq }: SealedLeaf): void {
    const says = `leaf ${index} (line ${seq}) stands where leaf ${this.tree.size} belongs`;
    this.flaws.add({ kind: 'gap', says, seq });
  }

  private tellMissing(): void {
    const left = without(
      this.missing,
      this.retired.flatMap(({ leaves }) => leaves),
    );
    for (const { from, to } of left) {
      const seq = this.missingSeqs.get(from);
      const lines = to - from === 1 ? 'a line' : `${to - from} lines`;
      const at = seq === undefined ? '' : ` (number ${seq})`;
      const says = `${lines} sealed from leaf ${from}${at} on ${to - from === 1 ? 'is' : 'are'} gone`;
      this.flaws.add({ kind: 'missing', says, ...(seq === undefined ? {} : { seq }) });
    }
    const claimed = this.retired.reduce((sum, { leaves }) => sum + countOf(leaves), 0);
    const gone = countOf(this.missing) - countOf(left);
    if (claimed !== gone)
      this.flaws.add({
        kind: 'retired',
        says: `${claimed} lines are said to be retired, and ${gone} are not there`,
      });
  }

  /** Answers how many are only new. */
  private tellLoose(): number {
    const { nowMs } = this.evidence;
    const { proved } = this.heads;
    let waiting = 0;
    for (const line of this.loose.values()) {
      const ageMs = nowMs - line.recordedAtMs;
      const isOld = !(ageMs <= clockSlackMs);
      const wasPassed = line.seq <= this.sealedSeqMax || line.recordedAtMs < proved.atMs;
      if (isOld && wasPassed) this.tell('added', line, 'was never sealed, and later ones were');
      else if (ageMs > waitMaxMs)
        this.tell('unsealed', line, 'waits for the notary: see that it runs');
      waiting += 1;
    }
    return waiting;
  }

  private tell(kind: Flaw['kind'], { seq, run, says }: LedgerLine, what: string): void {
    const whose = run === undefined ? 'of no run' : `of run ${run}`;
    const quoted = says.length > 60 ? `${says.slice(0, 60)}…` : says;
    this.flaws.add({
      kind,
      says: `line ${seq} ${whose} ("${quoted}") ${what}`,
      seq,
      ...(run === undefined ? {} : { run }),
    });
  }
}

function secondsText(ms: number): string {
  return `${Math.round(ms / seconds(1))} s`;
}

function lost({ seq }: SealedLeaf) {
  return { seq, run: undefined, recordedAtMs: Number.NaN };
}
