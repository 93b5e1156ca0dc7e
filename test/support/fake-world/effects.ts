/** The record of everything the fake world was made to do; adapters add to it, nothing takes away from it. */

/** One effect that really took place. An operation has at most one effect of each part. */
export interface WorldEffect {
  readonly operationId: string;
  readonly part: 'apply' | 'undo';
  /** What happened, for transcripts: `restarted shop on local`. */
  readonly what: string;
}

/** The operation id and part of every effect that took place more than once; empty when the engine kept its word. */
export function repeatedEffects(effects: readonly WorldEffect[]): string[] {
  const keys = effects.map(({ operationId, part }) => `${operationId} ${part}`);
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}
