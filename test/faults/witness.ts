/**
 * Stands beside a run and notes each guard that is broken at the very moment it is: an effect without its lease, its intent,
 * its admission or its yes. It judges by what the store held then, and never asks the engine.
 */
import type { Proposal } from '../../workflows/domain/plan.js';
import { notPassed } from '../../workflows/gates/index.js';
import type { Judgement, JudgeInput } from '../../workflows/store.js';
import type { FakeStore, KeptEntry } from '../support/fake-store.js';
import type { WorldEffect } from '../support/fake-world/effects.js';
import type { FakeWorld } from '../support/fake-world/fake-world.js';
import { approvalsUnder, type PolicyName } from './policies.js';

/** What was in force when the run was let in last. */
interface LetIn {
  readonly stopped: boolean;
  readonly policy: PolicyName;
}

/** A person's word after which nothing new may be done. */
const noes = ['reject', 'veto', 'halt', 'takeover', 'undo'];

export class Witness {
  readonly broken: string[] = [];
  private letIn: LetIn | undefined;

  constructor(
    private readonly run: string,
    private readonly store: FakeStore,
  ) {}

  watches(world: FakeWorld): void {
    const push = world.effects.push.bind(world.effects);
    world.effects.push = (...effects) => {
      for (const effect of effects) this.sees(effect);
      return push(...effects);
    };
  }

  /** An admission was judged; `stops` could not even be read when `unreadable`. */
  hears(input: JudgeInput, judged: Judgement, inForce: LetIn): void {
    if (input.run === this.run && notPassed(judged.gates) === undefined) this.letIn = inForce;
  }

  private sees({ operationId, part }: WorldEffect): void {
    const operation = part === 'apply' ? operationId : `${operationId}/undo`;
    const says = (law: string): void => void this.broken.push(`${operation}: ${law}`);
    const intent = this.entries().find((entry) => {
      return entry.kind === 'intent' && textOf(entry, 'operation') === operation;
    });
    if (intent === undefined) {
      says('took effect without an intent before it');
      return;
    }
    const target = textOf(intent, 'target');
    if (this.store.leases.get(target)?.holder !== this.run) says(`no lease on ${target}`);
    if (this.store.quarantine.has(target)) says(`${target} is quarantined`);
    const takenOver = this.counted(['takeover']).length > 0;
    if (part === 'undo' && takenOver) says('was taken back after a person took over');
    if (part === 'apply') for (const law of this.brokenByApply()) says(law);
  }

  private brokenByApply(): string[] {
    const broken: string[] = [];
    const no = this.counted(noes)[0];
    if (no !== undefined) broken.push(`acted after ${no.says}`);
    if (this.letIn === undefined) return [...broken, 'acted without having been let in'];
    if (this.letIn.stopped) broken.push('was let in while a stop was on');
    if (this.store.switches.size > 0) broken.push('acted while a stop was on');
    const needed = approvalsUnder[this.letIn.policy];
    if (needed === undefined) broken.push('was let in while policy forbade it');
    else if (this.saidYes() < needed) broken.push(`acted on ${this.saidYes()} of ${needed} yeses`);
    return broken;
  }

  /** People whose counted yes names the plan as it was proposed last. */
  private saidYes(): number {
    const proposal = this.entries().findLast(({ kind }) => kind === 'proposal');
    const planHash = (proposal?.detail as unknown as Proposal | undefined)?.planHash ?? 'none';
    const yeses = this.counted(['approve']).filter((entry) => {
      const plan = textOf(entry, 'plan');
      return plan.length >= 8 && planHash.startsWith(plan);
    });
    return new Set(yeses.map(({ actor }) => actor)).size;
  }

  private counted(signals: readonly string[]): KeptEntry[] {
    return this.entries().filter((entry) => {
      const { counted } = (entry.detail ?? {}) as { counted?: boolean };
      return (
        entry.kind === 'signal' && counted === true && signals.includes(textOf(entry, 'signal'))
      );
    });
  }

  private entries(): readonly KeptEntry[] {
    return this.store.ledger.filter(({ run }) => run === this.run);
  }
}

/** A text in an entry's detail; empty when there is none. */
export function textOf({ detail }: Pick<KeptEntry, 'detail'>, field: string): string {
  const value = (detail as Readonly<Record<string, unknown>> | undefined)?.[field];
  return typeof value === 'string' ? value : '';
}
