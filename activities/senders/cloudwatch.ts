/**
 * CloudWatch alarms as Amazon SNS posts them: the envelope is SNS's, its `Message` is the alarm as JSON text. Confirming
 * a subscription is the door's business, for topics it was told of; here it is nothing. An episode is the alarm's ARN +
 * the time it went to ALARM. The message of its return to OK does not say that time: its start is unknown.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { decodeJson } from './json.js';
import {
  alertOf,
  bag,
  bodyOf,
  clean,
  endedAt,
  firstOf,
  instant,
  problemsOf,
  quoted,
} from './normal.js';
import { word, type Told } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'cloudwatch';

const envelope = z.looseObject({
  Type: z.string().min(1),
  MessageId: z.string().min(1),
  TopicArn: z.string().startsWith('arn:'),
  Message: z.string(),
});

/** An object by its keys in lower case: metric, metric-math and composite alarms do not write them alike. */
function folded<T extends z.ZodRawShape>(shape: T): z.ZodType<z.output<z.ZodObject<T>>> {
  return z.preprocess((value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value).map(
      ([key, inner]) => [key.toLowerCase(), inner] as const,
    );
    return Object.fromEntries(entries);
  }, z.object(shape));
}

const dimensions = z.array(folded({ name: word, value: word })).catch([]);

const metricShape = folded({ namespace: word, metricname: word, dimensions });

/** A metric alarm has one metric, one of metric math has several, and a composite alarm has none. */
const triggerShape = folded({
  namespace: word,
  metricname: word,
  dimensions,
  metrics: z
    .array(folded({ metricstat: folded({ metric: metricShape }).optional().catch(undefined) }))
    .catch([]),
});

/** `2026-11-21T01:03:41.628+0000`: RFC 3339 but for the colon. */
const changeTime = z
  .string()
  .transform((text) => text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  .pipe(instant);

const alarmShape = folded({
  alarmname: z.string().regex(/\S/, 'is empty'),
  newstatevalue: z.string(),
  statechangetime: changeTime,
  alarmarn: word,
  alarmdescription: word,
  awsaccountid: word,
  region: word,
  newstatereason: word,
  alarmrule: word,
  triggeringchildren: z.array(folded({ arn: word })).catch([]),
  alarmcontributorid: word,
  alarmcontributorattributes: bag,
  trigger: triggerShape.optional().catch(undefined),
});

type Alarm = z.infer<typeof alarmShape>;

/** Alarms on metrics, on metric math, and composite ones, through a topic without raw message delivery. */
export const cloudwatch: Sender = {
  source,
  mediaTypes: ['text/plain', 'application/json'],
  startsEachTime: true,
  parse,
};

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  switch (body.data.Type) {
    case 'Notification':
      return parseMessage(body.data.Message);
    case 'SubscriptionConfirmation':
      return { kind: 'nothing', why: 'SNS asks to confirm the subscription of a topic' };
    case 'UnsubscribeConfirmation':
      return { kind: 'nothing', why: 'the subscription of a topic has ended: no alarms follow' };
    default:
      return { kind: 'unparsed', why: `Type ${quoted(body.data.Type)} is not known here` };
  }
}

/** The envelope was SNS's, so whatever is in it is kept: a topic may carry more than alarms. */
function parseMessage(message: string): Parsed {
  const inner = decodeJson(message);
  if (!inner.ok)
    return { kind: 'unparsed', why: 'Message is no JSON, so it is no CloudWatch alarm' };
  const checked = alarmShape.safeParse(inner.value);
  if (checked.success) return ofAlarm(checked.data);
  const [first] = problemsOf(checked.error, () => '');
  const place = ['Message', first?.path ?? ''].filter((part) => part !== '').join('.');
  return { kind: 'unparsed', why: `no CloudWatch alarm: ${place}: ${first?.problem ?? 'unknown'}` };
}

function ofAlarm(alarm: Alarm): Parsed {
  switch (alarm.newstatevalue) {
    case 'ALARM':
      return alertsOf(alarm, { status: 'firing', startsAt: alarm.statechangetime, endsAt: '' });
    case 'OK':
      return alertsOf(alarm, { status: 'resolved', ...endedAt(alarm.statechangetime) });
    case 'INSUFFICIENT_DATA':
      return { kind: 'nothing', why: 'the alarm has too little data to say how things are' };
    default:
      return {
        kind: 'unparsed',
        why: `Message.NewStateValue ${quoted(alarm.newstatevalue)} is not known here`,
      };
  }
}

function alertsOf(alarm: Alarm, times: Pick<Told, 'status' | 'startsAt' | 'endsAt'>): Parsed {
  return { kind: 'alerts', alerts: [alertOfAlarm(alarm, times)], truncated: 0 };
}

function alertOfAlarm(alarm: Alarm, times: Pick<Told, 'status' | 'startsAt' | 'endsAt'>): Alert {
  const measured = measuredBy(alarm);
  return alertOf({
    source,
    ...times,
    id: JSON.stringify([arnOf(alarm), alarm.alarmcontributorid]),
    name: alarm.alarmname,
    severity: '',
    service: firstOf(measured, ...serviceDimensions),
    environment: firstOf(measured, 'Environment', 'environment', 'Stage', 'stage'),
    labels: { ...measured, ...factsOf(alarm) },
    annotations: {
      description: alarm.alarmdescription,
      reason: alarm.newstatereason,
      rule: alarm.alarmrule,
      children: alarm.triggeringchildren.map(({ arn }) => arn).join(' '),
    },
    link: linkOfAlarm(alarm),
  });
}

/** What tells which service is meant, the most telling first. */
const serviceDimensions = [
  'Service',
  'ServiceName',
  'service',
  'FunctionName',
  'ApiName',
  'QueueName',
  'TableName',
  'DBInstanceIdentifier',
  'DBClusterIdentifier',
  'LoadBalancer',
  'ClusterName',
  'InstanceId',
] as const;

/** The dimensions of every metric the alarm looks at; of two with one name the first counts. */
function measuredBy({
  trigger,
  alarmcontributorattributes: attributes,
}: Alarm): Record<string, string> {
  const stats = (trigger?.metrics ?? []).map(
    ({ metricstat }) => metricstat?.metric.dimensions ?? [],
  );
  const all = [...(trigger?.dimensions ?? []), ...stats.flat()].slice(0, 40).toReversed();
  const texts = Object.entries(attributes).filter(([, value]) => typeof value === 'string');
  const named = all.map(({ name, value }) => [name, value] as const);
  return Object.fromEntries([...texts.slice(0, 10), ...named]) as Record<string, string>;
}

function factsOf(alarm: Alarm): Told['labels'] {
  const { trigger } = alarm;
  const metric = trigger?.metrics.find(({ metricstat }) => metricstat !== undefined)?.metricstat
    ?.metric;
  return {
    alarm_arn: arnOf(alarm),
    account: alarm.awsaccountid,
    region: regionOf(alarm) ?? alarm.region,
    namespace: firstWord(trigger?.namespace, metric?.namespace),
    metric: firstWord(trigger?.metricname, metric?.metricname),
  };
}

function firstWord(...texts: readonly (string | undefined)[]): string {
  return texts.find((text) => text !== undefined && text !== '') ?? '';
}

/** Alarms from before 2021 came without; these three name one as well. */
function arnOf(alarm: Alarm): string {
  if (alarm.alarmarn !== '') return alarm.alarmarn;
  return [alarm.awsaccountid, alarm.region, alarm.alarmname].join(':');
}

/** The code of the region: what the field Region holds is prose, `EU (Ireland)`. */
function regionOf({ alarmarn }: Alarm): string | undefined {
  return /^arn:aws:cloudwatch:([a-z0-9-]+):/.exec(alarmarn)?.[1];
}

function linkOfAlarm(alarm: Alarm): string {
  const region = regionOf(alarm);
  if (region === undefined) return '';
  const name = encodeURIComponent(clean(alarm.alarmname));
  return `https://${region}.console.aws.amazon.com/cloudwatch/deeplink.js?region=${region}#alarmsV2:alarm/${name}`;
}

function fixOf(path: string): string {
  if (path === '') return 'send the JSON of Amazon SNS unchanged';
  return "subscribe the topic over HTTPS with raw message delivery off: SNS's own envelope is needed";
}
