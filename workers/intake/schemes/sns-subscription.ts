/** Confirms a subscription with SNS's own API and the token of the message; the URL inside the message is never called. */
import { seconds } from '../../../workflows/domain/time.js';
import { Unavailable } from '../refusal.js';
import { placeOf } from './sns-envelope.js';

export interface Subscription {
  readonly topicArn: string;
  readonly token: string;
}

/** Throws when SNS did not confirm it; confirming again is harmless. */
export type ConfirmSubscription = (subscription: Subscription) => Promise<void>;

const timeoutMs = seconds(3);

/** The call needs no credential as long as it does not ask that leaving should need one. Throws Unavailable. */
export const confirmSubscription: ConfirmSubscription = async ({ topicArn, token }) => {
  const place = placeOf(topicArn);
  if (place === undefined) throw new TypeError('this is no ARN of a topic');
  const response = await fetch(`https://sns.${place.region}.${place.domain}/`, {
    method: 'POST',
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
    body: new URLSearchParams({
      Action: 'ConfirmSubscription',
      Version: '2010-03-31',
      TopicArn: topicArn,
      Token: token,
    }),
  }).catch(() => undefined);
  await response?.body?.cancel();
  if (response?.status === 200) return;
  throw new Unavailable('subscription-away', 'SNS did not confirm the subscription');
};
