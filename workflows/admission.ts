/**
 * Lets a proposal's first effect in: the gates once more and the leases, in one transaction with its intent, right before it.
 * Let in once, a proposal stays so until it ends; acts on nothing itself.
 */
import type { Notice } from './domain/entry.js';
import type { Proposal } from './domain/plan.js';
import { askGates, type Refusal } from './judging.js';
import type { Note } from './ledger.js';
import type { Progress } from './progress.js';
import { admit } from './store.js';

/** `in`: leases are held and the intent is durable. `waited`: leases are held, but time passed first and no intent was written. */
export type Entered = { readonly kind: 'in' } | { readonly kind: 'waited' } | Refusal;

export class Admission {
  private first: Promise<Entered> | undefined;

  constructor(
    private readonly progress: Progress,
    private readonly proposal: Proposal,
    /** Who is told before the first effect. */
    private notices: readonly Notice[],
  ) {}

  /** Of steps side by side one asks for all; the others wait for its answer, and each intent is durable when this returns. */
  async enter(intent: Note): Promise<Entered> {
    if (this.first === undefined) {
      this.first = this.ask(intent);
      return this.first;
    }
    const entered = await this.first;
    if (entered.kind !== 'in') return entered;
    const { ledger } = this.progress;
    ledger.note(intent);
    for (const notice of this.notices) ledger.tell(notice);
    this.notices = [];
    await ledger.commit();
    return entered;
  }

  /** The function runs again from the top, with the leases it waited for. */
  startOver(): void {
    this.first = Promise.resolve({ kind: 'in' });
  }

  private async ask(intent: Note): Promise<Entered> {
    const { proposal, notices, progress } = this;
    const onceIn = { lines: [intent], notices };
    const asked = await askGates(progress, {
      call: admit,
      proposal,
      onceIn,
      agreed: progress.terms,
    });
    if (asked.kind === 'ended') return asked;
    if (asked.waited) return { kind: 'waited' };
    this.notices = [];
    return { kind: 'in' };
  }
}
