/** How much Belay may do alone, 1 to 5, and what each level asks for; decides nothing about a particular run. */

export type Level = 1 | 2 | 3 | 4 | 5;

export const levelName = {
  1: 'advise',
  2: 'operator triggers',
  3: 'human approves',
  4: 'autonomous, overseen',
  5: 'autonomous',
} as const satisfies Record<Level, string>;

/** The signal a person must send before anything is changed; undefined where the engine may act alone. */
export function signalRequired(level: Level): 'trigger' | 'approve' | undefined {
  if (level === 2) return 'trigger';
  if (level === 3) return 'approve';
  return undefined;
}

/** The least of them, which is what a run of several steps may do; undefined for none. */
export function lowestLevel(levels: readonly Level[]): Level | undefined {
  return levels.length === 0 ? undefined : (Math.min(...levels) as Level);
}
