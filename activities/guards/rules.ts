/**
 * The shape of policies/guards.yaml: how much may go on at once, and how often, before people must look.
 * A closed shape, in which every guard can be switched off by name; what is left out has its default. Reads no file.
 */
import { z } from 'zod';
import { hours } from '../../workflows/domain/time.js';
import { durationMs } from '../policy/duration.js';

/** What was let in is remembered for a little longer than this; see activities/store/guards/admitted.ts. */
export const windowMsMax = hours(24);

const name = z.string().min(1).max(100);
const count = z.int().min(1).max(1_000_000);

const duration = z
  .string({ error: 'a duration is text such as 90s, 5m or 1h' })
  .transform((text, context) => {
    const parsedMs = durationMs(text);
    if (parsedMs !== undefined && parsedMs > 0 && parsedMs <= windowMsMax) return parsedMs;
    const message = 'a duration is text such as 90s, 5m or 1h, at least 1ms and at most 24h';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const sharePattern = /^(\d{1,3}(?:\.\d{1,3})?)%$/;
const share = z.string({ error: 'a share is text such as 25%' }).transform((text, context) => {
  const parsed = Number(sharePattern.exec(text)?.[1] ?? Number.NaN) / 100;
  if (parsed <= 1) return parsed;
  context.addIssue({ code: 'custom', message: 'a share is text such as 25%, at most 100%' });
  return z.NEVER;
});

/** `off` in a file is null here. */
function guard<Shape extends z.ZodType>(shape: Shape) {
  return z.union([z.literal('off').transform(() => null), shape], {
    error: (issue) => detailOf(issue),
  });
}

/** A union says only that nothing fits; what people need is why the shape they meant does not. */
function detailOf(issue: { readonly input?: unknown }): string | undefined {
  return typeof issue.input === 'object' ? undefined : 'write off, or the settings of this guard';
}

const window = z.strictObject({ max: count, within: duration });

const radius = z.strictObject({
  /** Runs that hold targets at once. */
  runs: count.optional(),
  targets: count.optional(),
  /** Of the instances there are, by policies/fleet.yaml; at least one. */
  share: share.optional(),
});

const breaking = z.strictObject({ failures: count, retryAfter: duration });

export const rulesSchema = z.strictObject({
  version: z.literal(1),
  recurring: guard(window).default({ max: 3, within: hours(1) }),
  storm: guard(
    z.strictObject({
      above: share,
      endsAt: share,
      /** Fewer sick services than this are no storm, whatever share they are. */
      sickMin: count,
      releasePerMinute: count,
      releaseFor: duration,
    }),
  ).default({ above: 0.5, endsAt: 0.25, sickMin: 3, releasePerMinute: 6, releaseFor: 600_000 }),
  dependency: z.enum(['on', 'off'], { error: 'dependency is on or off' }).default('on'),
  blastRadius: guard(
    z.strictObject({
      service: radius.default({}),
      zone: radius.default({}),
      fleet: radius.default({}),
      zonesAtOnce: count.optional(),
    }),
  ).default({
    service: { share: 0.5 },
    zone: { share: 0.5 },
    fleet: { share: 0.25 },
    zonesAtOnce: 1,
  }),
  risk: guard(
    z.strictObject({
      points: count,
      within: duration,
      /** By class of action; 1 for a class that is not named. */
      costs: z.record(name, z.int().min(0).max(1000)).default({}),
      /** Times as much for what cannot be taken back. */
      irreversible: z.int().min(1).max(100).default(1),
    }),
  ).default(null),
  errorBudget: guard(
    z.strictObject({
      /** Patterns of services that are asked about; `*` stands for any text. */
      services: z.array(name).min(1).max(200),
      leftMin: share,
      maxAge: duration,
      /** PromQL that gives what is left of the budget, 1 for all of it; `$service` stands for the service. */
      query: z.string().min(1).max(2000),
      prometheusUrl: z.url({ protocol: /^https?$/ }),
    }),
  ).default(null),
  /** By class of action. */
  rate: z.record(name, window).default({}),
  breaker: guard(
    z.strictObject({
      target: guard(breaking).default({ failures: 3, retryAfter: 1_800_000 }),
      action: guard(breaking).default({ failures: 5, retryAfter: 1_800_000 }),
    }),
  ).default({
    target: { failures: 3, retryAfter: 1_800_000 },
    action: { failures: 5, retryAfter: 1_800_000 },
  }),
  frozen: guard(
    z.strictObject({
      /** iCalendar files, beside guards.yaml unless absolute. */
      calendars: z.array(z.string().min(1).max(500)).min(1).max(20),
      /** For what a calendar says without a time zone. */
      timeZone: z.string().default('UTC').refine(isTimeZone, {
        error: 'a time zone is a name such as Europe/Berlin',
      }),
    }),
  ).default(null),
});

/** The file as it is used: durations are milliseconds, shares numbers from 0 to 1, null is off. */
export type GuardRules = z.output<typeof rulesSchema>;
export type RadiusRule = z.output<typeof radius>;

/** What holds where there is no file. Zones, shares and dependencies hold as far as policies/fleet.yaml tells of them. */
export const defaultRules: GuardRules = rulesSchema.parse({ version: 1 });

/** Nothing is counted: for what is about something else. */
export const noRules: GuardRules = rulesSchema.parse({
  version: 1,
  recurring: 'off',
  storm: 'off',
  dependency: 'off',
  blastRadius: 'off',
  breaker: 'off',
});

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).format(0) !== '';
  } catch {
    return false;
  }
}
