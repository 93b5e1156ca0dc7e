/** Amazon SNS's outer message: read strictly, and the text its signature is over. Decides nothing, fetches nothing. */
import { z } from 'zod';
import { decodeJson } from '../../../activities/senders/json.js';

/** The signed text is lines of names and values: a value with a line break could pass for two. Only Message may have some. */
const line = z.string().regex(/^[^\r\n]{1,2048}$/);

const envelope = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: line,
  TopicArn: line,
  Timestamp: line,
  Message: z.string(),
  Subject: line.nullish(),
  Token: line.optional(),
  SubscribeURL: line.optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: line,
});

export type SnsEnvelope = z.infer<typeof envelope>;

/** Undefined for what is no SNS message. */
export function readEnvelope(body: Buffer): SnsEnvelope | undefined {
  const decoded = decodeJson(body);
  const checked = decoded.ok ? envelope.safeParse(decoded.value) : undefined;
  return checked?.success === true ? checked.data : undefined;
}

/** Names and values of what is signed, by SNS's own order. */
export function signedTextOf(message: SnsEnvelope): string {
  const names =
    message.Type === 'Notification'
      ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
      : ([
          'Message',
          'MessageId',
          'SubscribeURL',
          'Timestamp',
          'Token',
          'TopicArn',
          'Type',
        ] as const);
  const given = names.filter((name) => (message[name] ?? null) !== null);
  return given.map((name) => `${name}\n${message[name]}\n`).join('');
}

/** A topic's region and the domain of its part of the cloud; undefined when the ARN is none of a topic. */
export function placeOf(topicArn: string): { region: string; domain: string } | undefined {
  const arn =
    /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2,4}(?:-[a-z]+){1,3}-\d{1,2}):\d{12}:[\w.-]{1,256}$/;
  const [, part, region] = arn.exec(topicArn) ?? [];
  if (part === undefined || region === undefined) return undefined;
  return { region, domain: part === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com' };
}
