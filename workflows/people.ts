/** Asks people: walks the escalation chain, counts answers to exactly this plan, ends in the declared fallback. Never acts. */
import { heed, ignore, listen } from './attention.js';
import { outOfBounds } from './domain/bound.js';
import { signalRequired } from './domain/level.js';
import { namesPlan, shortHash, type Proposal } from './domain/plan.js';
import { flawsIn } from './domain/telemetry.js';
import { durationText } from './domain/time.js';
import type { Verdict } from './domain/verdict.js';
import { judgeApproval, type Answer } from './gates/approval.js';
import type { Message } from './messages.js';
import { ended, type Ending, type Progress } from './progress.js';
import type { Rung, Terms } from './store.js';
import { showWaiting } from './view.js';

/** `pass`: whoever had to agree did. `again`: somebody modified a step, so there must be a new plan. */
export type Answered = { readonly kind: 'pass' } | { readonly kind: 'again' } | Ending;

export async function askPeople(
  progress: Progress,
  proposal: Proposal,
  terms: Terms,
): Promise<Answered> {
  const asking = new Asking(progress, proposal, terms);
  return asking.untilAnswered();
}

class Asking {
  private readonly answers: Answer[] = [];
  private readonly rungs: readonly Rung[];
  private readonly vetoUntilMs: number;
  private rung = 0;
  private untilMs: number;

  constructor(
    private readonly progress: Progress,
    private readonly proposal: Proposal,
    private readonly terms: Terms,
  ) {
    const nowMs = progress.runtime.now();
    const required = signalRequired(terms.level) !== undefined;
    this.rungs = required ? terms.chain : [];
    this.vetoUntilMs = nowMs + (terms.level === 4 ? terms.vetoWindowMs : 0);
    this.untilMs = required ? nowMs : this.vetoUntilMs;
  }

  /** Ends: each turn takes a message or climbs a rung, and both are bounded. */
  async untilAnswered(): Promise<Answered> {
    if (this.vetoUntilMs > this.progress.runtime.now()) this.announceVeto();
    for (;;) {
      const verdict = this.verdict();
      if (verdict.kind === 'pass') return verdict;
      if (verdict.kind === 'refuse') return ended(verdict.reason, verdict.why);
      if (!this.climb(verdict.why)) return ended('unanswered', this.nobodyAnswered());
      const end = await this.hear();
      if (end !== undefined) return end;
    }
  }

  private verdict(): Verdict {
    return judgeApproval({
      level: this.terms.level,
      approvalsMin: this.terms.approvalsMin,
      requester: this.progress.trigger.replace(/^person:/, ''),
      answers: this.answers,
      vetoUntilMs: this.vetoUntilMs,
      nowMs: this.progress.runtime.now(),
    });
  }

  /** Goes to the next rung when this one's time is up; false when there is none left. */
  private climb(why: string): boolean {
    const nowMs = this.progress.runtime.now();
    if (nowMs < this.untilMs) return true;
    const rung = this.rungs[this.rung];
    if (rung === undefined) return false;
    this.rung += 1;
    this.untilMs = nowMs + rung.waitMs;
    this.tell(rung, why);
    return true;
  }

  private tell(rung: Rung, why: string): void {
    const { ledger, alert } = this.progress;
    const required = signalRequired(this.terms.level) ?? 'approve';
    const plan = shortHash(this.proposal.planHash);
    ledger.note({
      kind: 'escalation',
      says: `${rung.notify} was asked to ${required} plan ${plan} within ${durationText(rung.waitMs)}`,
      level: this.terms.level,
      detail: { notify: rung.notify, waitMs: rung.waitMs, why },
    });
    const steps = this.proposal.steps.map((step) => step.says).join('; then ');
    const doubts = flawsIn(this.proposal.confidence).map((flaw) => `. Doubtful: ${flaw}`);
    ledger.tell({
      to: rung.notify,
      urgency: 'page',
      title: `${alert.name} on ${alert.service}: ${required} plan ${plan}?`,
      text: `${steps}${doubts.join('')}. Answer with: belay ${required} ${ledger.ref.run} --plan ${plan}`,
    });
    showWaiting(this.progress, this.proposal, this.untilMs);
  }

  private announceVeto(): void {
    const { ledger, alert } = this.progress;
    const text = this.proposal.steps.map((step) => step.says).join('; then ');
    const { vetoWindowMs, level, overseers } = this.terms;
    ledger.note({
      kind: 'escalation',
      says: `acts in ${durationText(vetoWindowMs)} unless plan ${shortHash(this.proposal.planHash)} is vetoed`,
      level,
      detail: { notify: overseers, waitMs: vetoWindowMs, why: 'the veto window is open' },
    });
    for (const to of overseers) {
      const title = `${alert.name} on ${alert.service}: acts unless vetoed`;
      ledger.tell({ to, urgency: 'tell', title, text: `${text}. belay veto ${ledger.ref.run}` });
    }
    showWaiting(this.progress, this.proposal, this.vetoUntilMs);
  }

  private async hear(): Promise<Answered | undefined> {
    const plan = shortHash(this.proposal.planHash);
    const message = await listen(this.progress, {
      accept: [...this.answersAsked(), 'modify', 'halt', 'takeover', 'resolved'],
      untilMs: this.untilMs,
      says: `wait for people on plan ${plan}`,
    });
    return message === undefined ? undefined : this.weigh(message);
  }

  private answersAsked(): Answer['kind'][] {
    const required = signalRequired(this.terms.level);
    return required === undefined ? ['veto', 'reject'] : [required, 'reject'];
  }

  private weigh(message: Message): Answered | undefined {
    switch (message.kind) {
      case 'trigger':
      case 'approve':
      case 'reject':
      case 'veto':
        this.count(message, message.kind);
        return undefined;
      case 'modify':
        return this.modify(message);
      case 'halt':
        heed(this.progress, message);
        return ended('halted', `${message.by} halted the run before anything was changed`);
      case 'takeover':
        heed(this.progress, message);
        return ended('taken-over', `${message.by} took the incident over`);
      case 'resolved':
        return ended('resolved-meanwhile', 'the alert resolved while people were asked');
      case 'undo':
      case 'refired':
        return undefined;
    }
  }

  /** A yes must name this plan; a no without a plan is a no to whatever is proposed. */
  private count(message: Message, kind: Answer['kind']): void {
    const saysNo = kind === 'reject' || kind === 'veto';
    const meant = message.plan === '' ? saysNo : namesPlan(message.plan, this.proposal.planHash);
    if (!meant) {
      const asked = shortHash(this.proposal.planHash);
      const named =
        message.plan === '' ? 'it names no plan' : `it names plan ${shortHash(message.plan)}`;
      ignore(this.progress, message, `${named}; what is asked is plan ${asked}`);
      return;
    }
    heed(this.progress, message);
    this.answers.push({ kind, by: message.by, note: message.note });
  }

  private modify(message: Message): Answered | undefined {
    const step = this.proposal.steps.find(({ name }) => name === message.step);
    if (step === undefined) {
      const names = this.proposal.steps.map(({ name }) => name).join(', ');
      ignore(this.progress, message, `no step "${message.step}"; there are: ${names}`);
      return undefined;
    }
    const fields = Object.entries(message.input);
    const wrong = fields.map(([field, value]) => outOfBounds(field, value, step.bounds[field]));
    const why = wrong.find((problem) => problem !== undefined);
    if (why !== undefined || fields.length === 0) {
      ignore(this.progress, message, why ?? 'it changes nothing');
      return undefined;
    }
    heed(this.progress, message);
    const { modified } = this.progress;
    modified.set(step.name, { ...modified.get(step.name), ...message.input });
    return { kind: 'again' };
  }

  private nobodyAnswered(): string {
    const asked = this.rungs.map((rung) => rung.notify).join(', then ');
    return asked === '' ? 'policy names nobody to ask' : `asked ${asked}; nobody answered in time`;
  }
}
