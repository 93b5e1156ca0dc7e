/** How a scenario sees what happens: follows the ledger, tells it to the audience, waits for what it needs to see. Never acts. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ledgerAfter, listNotices } from '../../activities/store/read.js';
import type { EntryKind } from '../../workflows/domain/entry.js';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Ground } from './ground.js';
import { areCalm } from './monitors.js';
import type { Teller } from './teller.js';

export interface Line {
  readonly seq: number;
  readonly run: string;
  readonly kind: EntryKind;
  readonly says: string;
  readonly recordedAtMs: number;
  readonly outcome: OutcomeKind | null;
}

export interface Timings {
  readonly alertToEffectMs: number | null;
  readonly alertToOutcomeMs: number;
}

const lookEveryMs = 50;
const calmWithinMs = 30_000;

export class Stage {
  /** The lines of this scenario so far. */
  readonly lines: Line[] = [];
  private run = '';

  constructor(
    readonly ground: Ground,
    private readonly teller: Teller,
    private seenSeq: number,
  ) {}

  /** The next line of this kind, of the scenario's run; the first line that comes names the run. */
  async until(kind: EntryKind, withinMs: number): Promise<Line> {
    const deadlineMs = Date.now() + withinMs;
    const known = this.lines.length;
    for (;;) {
      await this.read();
      const found = this.lines.slice(Math.max(0, known - 1)).find((line) => line.kind === kind);
      if (found !== undefined) return found;
      if (Date.now() > deadlineMs) {
        const last = this.lines.at(-1)?.says ?? 'nothing';
        throw new Error(`no ${kind} within ${withinMs / 1000} s; last seen: ${last}`);
      }
      await sleep(lookEveryMs);
    }
  }

  /** From the commit of the alert to the intent of the first effect, and to the outcome. */
  async timings(): Promise<Timings> {
    const row = await this.ground.db
      .selectFrom('inbox')
      .select('received_at')
      .where('run', '=', this.run)
      .where('status', '=', 'firing')
      .orderBy('received_at')
      .executeTakeFirstOrThrow();
    const acceptedMs = row.received_at.getTime();
    const at = (kind: EntryKind): number | undefined =>
      this.lines.find((line) => line.kind === kind)?.recordedAtMs;
    const intentMs = at('intent');
    return {
      alertToEffectMs: intentMs === undefined ? null : intentMs - acceptedMs,
      alertToOutcomeMs: (at('outcome') ?? Date.now()) - acceptedMs,
    };
  }

  /** Who was told what in this run. */
  async told(): Promise<{ to: string; urgency: string; title: string }[]> {
    return listNotices(this.ground.db, { run: this.run });
  }

  /** Waits until the monitors show no alert, so that the next one is a new episode. */
  async calm(): Promise<void> {
    const deadlineMs = Date.now() + calmWithinMs;
    while (!(await areCalm(this.ground.monitors))) {
      if (Date.now() > deadlineMs) throw new Error('the alerts of the last scenario do not clear');
      await sleep(200);
    }
  }

  say(text: string): void {
    this.teller.say(text);
  }

  /** The first line of one of these kinds, also one that was there before. */
  async first(kinds: readonly EntryKind[], withinMs: number): Promise<Line> {
    const deadlineMs = Date.now() + withinMs;
    while (Date.now() < deadlineMs) {
      await this.read();
      const found = this.lines.find(({ kind }) => kinds.includes(kind));
      if (found !== undefined) return found;
      await sleep(lookEveryMs);
    }
    throw new Error(`none of ${kinds.join(', ')} within ${withinMs / 1000} s`);
  }

  private async read(): Promise<void> {
    for (const row of await ledgerAfter(this.ground.db, this.seenSeq)) {
      this.seenSeq = row.seq;
      if (row.run === null) continue;
      if (this.run === '' && row.kind === 'opened') this.run = row.run;
      if (row.run !== this.run) continue;
      const { seq, run, kind, says, outcome } = row;
      this.lines.push({ seq, run, kind, says, outcome, recordedAtMs: row.recorded_at.getTime() });
      this.teller.ledger(kind, says);
    }
  }
}
