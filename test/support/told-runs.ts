/** Ledger lines of runs as the replayed half writes them, for tests that need a past; tells only runs that can happen. */
import type { Entry } from '../../workflows/domain/entry.js';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { RecordInput } from '../../workflows/store.js';
import { refOf } from '../store/contract/fixture.js';

export interface ToldRun {
  readonly run: string;
  readonly service?: string;
  readonly environment?: string;
  readonly classes?: readonly string[];
  /** Messages that counted before anything was done. */
  readonly answers?: readonly string[];
  readonly acted?: 'yes' | 'no';
  readonly outcome: OutcomeKind;
  readonly reason?: Reason | null;
  /** After `resolved`: what became of the repair while it was watched. */
  readonly then?: 'held' | 'refired' | 'undo' | 'still watched';
  readonly atMs?: number;
}

/** The lines in the portions in which a run commits them. */
export function portionsOf(told: ToldRun): RecordInput[] {
  const atMs = told.atMs ?? Date.now();
  const pen = new Pen(atMs);
  const classes = told.classes ?? ['restart'];
  const acts = (told.acted ?? (notActing.includes(told.outcome) ? 'no' : 'yes')) === 'yes';
  const before = [
    pen.line('opened', 'begins'),
    pen.line('proposal', 'plan', {
      detail: { steps: classes.map((actionClass) => ({ actionClass })) },
    }),
  ];
  const answers = (told.answers ?? []).map((message) => pen.heeded(message));
  const intents = acts
    ? classes.map((actionClass) =>
        pen.line('intent', `about to ${actionClass}`, {
          actionClass,
          detail: { operation: `${told.run}/${actionClass}` },
        }),
      )
    : [];
  const end = pen.ending(told.outcome, told.reason ?? null);
  return [[...before, ...answers], intents, [end], ...afterwards(told, pen)]
    .filter((entries) => entries.length > 0)
    .map((entries) => ({ ...aboutOf(told), entries, notices: [] }));
}

const notActing: readonly OutcomeKind[] = ['advised', 'withheld'];

function aboutOf({ run, service, environment }: ToldRun): Omit<RecordInput, 'entries' | 'notices'> {
  const ref = refOf(run, service ?? 'shop');
  return { ...ref, alert: { ...ref.alert, environment: environment ?? 'demo' } };
}

function afterwards({ outcome, then = 'held' }: ToldRun, pen: Pen): Entry[][] {
  const closed = (kind: OutcomeKind): Entry =>
    pen.line('closed', `closed: ${kind}`, { outcome: kind });
  if (then === 'still watched') return [];
  if (outcome !== 'resolved') return [[closed(outcome)]];
  if (then === 'refired') return [[pen.heeded('refired')], [closed('resolved')]];
  if (then === 'undo') {
    return [[pen.heeded('undo')], [pen.ending('undone', 'undo-requested')], [closed('undone')]];
  }
  return [[closed('resolved')]];
}

class Pen {
  private ordinal = 0;
  constructor(private readonly atMs: number) {}

  line(kind: Entry['kind'], says: string, also: Partial<Entry> = {}): Entry {
    this.ordinal += 1;
    return { kind, says, atMs: this.atMs + this.ordinal, ordinal: this.ordinal, ...also };
  }

  heeded(message: string): Entry {
    const detail = { signal: message, ordinal: 0, counted: true };
    return this.line('signal', `ana sent ${message}`, { actor: 'ana', detail });
  }

  ending(outcome: OutcomeKind, reason: Reason | null): Entry {
    const why = reason === null ? {} : { reason };
    return this.line('outcome', `${outcome}: as told`, { outcome, ...why });
  }
}
