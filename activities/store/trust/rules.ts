/** What a promotion asks for; the numbers are policies/trust/rules.yaml, and these where it is silent. Decides nothing. */
import { z } from 'zod';
import type { Level } from '../../../workflows/domain/level.js';

const share = z.number().min(0.5, 'a threshold is from 0.5 to 0.999').max(0.999);
const people = z.int().min(1).max(5);

export const rulesSchema = z.strictObject({
  version: z.literal(1),
  /** Least lower bound of the share of runs that held, by the level that is asked for. */
  threshold: z.strictObject({ 3: share, 4: share, 5: share }).default({ 3: 0.5, 4: 0.7, 5: 0.9 }),
  /** Runs that people answered or noted since the ceiling last changed. */
  reviewedMin: z.int().min(10, 'at least 10 runs are reviewed').max(1000).default(10),
  /** Drill, undo and escalation are not older. */
  drillWithinDays: z.int().min(1).max(30, 'a drill older than 30 days shows nothing').default(30),
  /** People who sign, by the level that is asked for. */
  signersMin: z.strictObject({ 3: people, 4: people, 5: people }).default({ 3: 1, 4: 1, 5: 2 }),
  /** A statement that is not signed and brought by then is void. */
  statementDays: z.int().min(1).max(30).default(7),
});

export type Rules = z.output<typeof rulesSchema>;

export const defaultRules: Rules = rulesSchema.parse({ version: 1 });

export type PromotedLevel = keyof Rules['threshold'];

/** The next level up; undefined at the top. */
export function nextLevel(level: Level): PromotedLevel | undefined {
  if (level === 5) return undefined;
  return Math.max(3, level + 1) as PromotedLevel;
}
