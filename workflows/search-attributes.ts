/** The typed search attributes of a run, pinned where people look for it; each change costs a history line, so few are made. */
import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { RunStatus, RunState } from './runtime.js';

export const searchAttributes = {
  state: defineSearchAttributeKey('BelayState', 'KEYWORD'),
  gate: defineSearchAttributeKey('BelayGate', 'KEYWORD'),
  runbook: defineSearchAttributeKey('BelayRunbook', 'KEYWORD'),
  service: defineSearchAttributeKey('BelayService', 'KEYWORD'),
  level: defineSearchAttributeKey('BelayLevel', 'KEYWORD'),
  outcome: defineSearchAttributeKey('BelayOutcome', 'KEYWORD'),
  reason: defineSearchAttributeKey('BelayReason', 'KEYWORD'),
} as const;

/** States worth finding a run by. The short ones between are seen in its details. */
const lasting: readonly RunState[] = ['waiting', 'unwinding', 'watching', 'closed'];

export class AttributeBoard {
  private readonly pinned = new Map<string, string>();

  pin(status: RunStatus): void {
    const wasWaiting = this.pinned.get(searchAttributes.state.name) === 'waiting';
    if (!lasting.includes(status.state) && !wasWaiting) return;
    const changed = pairsOf(status).filter(({ key, value }) => this.changes(key.name, value));
    if (changed.length > 0) upsertSearchAttributes(changed);
  }

  private changes(name: string, value: string | null): boolean {
    if ((this.pinned.get(name) ?? null) === value) return false;
    if (value === null) this.pinned.delete(name);
    else this.pinned.set(name, value);
    return true;
  }
}

function pairsOf(status: RunStatus) {
  return [
    { key: searchAttributes.state, value: status.state },
    { key: searchAttributes.gate, value: status.gate },
    { key: searchAttributes.level, value: status.level === null ? null : String(status.level) },
    { key: searchAttributes.outcome, value: status.outcome?.kind ?? null },
    { key: searchAttributes.reason, value: status.outcome?.reason ?? null },
  ];
}
