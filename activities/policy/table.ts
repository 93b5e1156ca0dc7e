/**
 * The shape of policies/services.yaml: which services there are, what caps them, and who is asked.
 * A closed shape: an unknown key is an error, so that a misspelt restriction is never silently no restriction.
 */
import { z } from 'zod';
import { tiers } from '../../workflows/domain/entry.js';
import type { Level } from '../../workflows/domain/level.js';
import { limits } from '../../workflows/domain/limits.js';
import { hours } from '../../workflows/domain/time.js';
import { durationMs } from './duration.js';

/** A day: a rung nobody answers for longer is no escalation any more. */
const waitMsMax = hours(24);
/** More people than this never agree in time. */
const approvalsMax = 5;

const name = z.string().min(1).max(100);
const level = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)], {
  error: 'a level is 1, 2, 3, 4 or 5',
}) satisfies z.ZodType<Level>;
const tier = z.enum(tiers, { error: `a tier is one of ${tiers.join(', ')}` });
const duration = z
  .string({ error: 'a duration is text such as 90s, 5m or 1h' })
  .transform((text, context) => {
    const parsedMs = durationMs(text);
    if (parsedMs !== undefined && parsedMs <= waitMsMax) return parsedMs;
    context.addIssue({
      code: 'custom',
      message: 'a duration is text such as 90s, 5m or 1h, at most 24h',
    });
    return z.NEVER;
  });

const rung = z.strictObject({ notify: name, wait: duration });
const chain = z.array(rung).min(1).max(limits.rungsMax);

const answering = {
  /** No step of it is done above this level, whatever the table grants. */
  level: level.optional(),
  /** People who must agree at level 3. */
  approvalsMin: z.int().min(1).max(approvalsMax).optional(),
  chain: name.optional(),
  vetoWindow: duration.optional(),
} as const;

const service = z.strictObject({
  tier,
  environment: name,
  /** By class of action; like `level` they only lower. */
  levels: z.record(name, level).optional(),
  overseers: z.array(name).max(20).optional(),
  ...answering,
});

export const tableSchema = z.strictObject({
  version: z.literal(1),
  /** Patterns of targets and services that are Belay's own parts; `*` stands for any text. */
  self: z.array(name).max(200),
  /** What people call this state of the set; it stands in every decision beside the digest. */
  release: name.optional(),
  /** class -> tier -> level. Only where no .cedar file lies beside this one: there is one source of levels. */
  levels: z.record(name, z.partialRecord(tier, level)).optional(),
  approvalsMin: z.int().min(1).max(approvalsMax).default(1),
  vetoWindow: duration.default(0),
  overseers: z.array(name).max(20).default([]),
  chains: z.record(name, chain),
  services: z.record(name, service),
  runbooks: z.record(name, z.strictObject(answering)).default({}),
});

/** The file as it is used: durations are milliseconds. */
export type PolicyTable = z.output<typeof tableSchema>;
/** The file as it is written. */
export type PolicyFile = z.input<typeof tableSchema>;
export type ServicePolicy = PolicyTable['services'][string];
