/**
 * Belay's own alert as others send it to Belay: the fields of an Alert under one of two types. What carries it
 * (CloudEvents, Standard Webhooks) is not its business. An episode is `fingerprint` + `startsAt`, both repeated in
 * the resolution.
 */
import { z } from 'zod';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bounds, clean, instant, problemsOf, quoted } from './normal.js';
import type { Problem } from './sender.js';

const statuses: ReadonlyMap<string, AlertStatus> = new Map([
  ['dev.belay.alert.firing', 'firing'],
  ['dev.belay.alert.resolved', 'resolved'],
]);

/** What the type says of the alert, or undefined when it is not one of ours. */
export function statusOf(type: string): AlertStatus | undefined {
  return statuses.get(type);
}

/** Why a type that is not ours is kept and not acted on. */
export function unknownType(type: string): string {
  return `type ${quoted(type)} is not known here, only ${[...statuses.keys()].join(' and ')} are`;
}

const text = z.string().max(bounds.labelLengthMax);

const texts = (countMax: number): z.ZodType<Record<string, string>> =>
  z.record(z.string(), z.string()).refine((all) => Object.keys(all).length <= countMax, {
    error: `has more than ${countMax} entries`,
  });

const shape = z.looseObject({
  fingerprint: text.min(1),
  name: text.regex(/\S/, 'is empty'),
  severity: text.nullish(),
  startsAt: instant,
  /** Null or absent while the alert fires. */
  endsAt: instant.nullish(),
  service: text.nullish(),
  environment: text.nullish(),
  labels: texts(bounds.labelsMax).nullish(),
  annotations: texts(bounds.annotationsMax).nullish(),
  link: z.string().nullish(),
});

export type Read =
  { readonly alert: Alert } | { readonly alert?: undefined; readonly problems: readonly Problem[] };

/** How the alert came: by which sender, and what the type of its envelope said. */
export type Carried = Pick<Alert, 'source' | 'status'>;

/** The alert, or what is wrong with its data; paths are relative to it. Never throws. */
export function readOwn(data: unknown, carried: Carried): Read {
  const checked = shape.safeParse(data);
  if (!checked.success) return { problems: problemsOf(checked.error, fixOf) };
  const endsAt = checked.data.endsAt ?? '';
  if (carried.status === 'resolved' && endsAt === '') return { problems: [unended] };
  return { alert: told(checked.data, carried) };
}

const unended: Problem = {
  path: 'endsAt',
  problem: 'is missing, but the alert is resolved',
  fix: 'send when it ended, such as 2026-11-21T01:03:41Z',
};

function told(data: z.infer<typeof shape>, carried: Carried): Alert {
  return alertOf({
    ...carried,
    id: data.fingerprint,
    name: data.name,
    severity: data.severity ?? '',
    startsAt: data.startsAt,
    endsAt: data.endsAt ?? '',
    service: data.service ?? '',
    environment: data.environment ?? '',
    labels: data.labels ?? {},
    annotations: data.annotations ?? {},
    link: clean((data.link ?? '').slice(0, bounds.labelLengthMax)),
  });
}

function fixOf(path: string): string {
  if (/^(starts|ends)At$/.test(path)) return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  if (path === 'fingerprint')
    return 'send what names this alert, equal over repeats and resolution';
  return 'send the fields of an alert: fingerprint, name, startsAt, and texts for the others';
}
