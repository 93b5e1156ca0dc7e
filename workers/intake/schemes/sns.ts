/**
 * Amazon SNS, for CloudWatch: an RSA signature (version 1 with SHA-1, 2 with SHA-256) under a certificate of SNS's own.
 * SNS signs for every customer alike, so what admits is the topic: the secrets of this scheme are ARNs.
 */
import { verify as verifySignature } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { hours, instantMs } from '../../../workflows/domain/time.js';
import { base64Of, isSecret } from './comparing.js';
import type { Scheme, Shown } from './scheme.js';
import { createCertificates, isCertificateUrl } from './sns-certificates.js';
import type { FetchCertificate } from './sns-certificates.js';
import { readEnvelope, signedTextOf } from './sns-envelope.js';
import type { SnsEnvelope } from './sns-envelope.js';
import type { ConfirmSubscription } from './sns-subscription.js';
import { windowMs } from './timestamp.js';

export interface SnsParts {
  readonly fetchCertificate: FetchCertificate;
  readonly confirmSubscription: ConfirmSubscription;
}

/** SNS tries for an hour at most, always with the first timestamp. */
const retriedForMs = hours(1);

const hashes = { 1: 'sha1', 2: 'sha256' } as const;

/** Throws Unavailable when a certificate or a confirmation cannot be had now: SNS then comes back. */
export function createSns({ fetchCertificate, confirmSubscription }: SnsParts): Scheme {
  const certificates = createCertificates(fetchCertificate);
  return {
    name: 'sns',
    signsBody: true,
    async verify({ body, nowMs }, topics) {
      const message = readEnvelope(body);
      if (message === undefined) return 'no-secret';
      // Before anything is fetched: only who knows a topic of ours can make us ask for a certificate.
      if (!isSecret([message.TopicArn], topics)) return 'wrong-secret';
      if (!isCertificateUrl(message.SigningCertURL, message.TopicArn)) return 'wrong-secret';
      const certificate = await certificates.at(message.SigningCertURL);
      if (certificate === undefined || !isValidAt(certificate, nowMs)) return 'wrong-secret';
      if (!isSigned(message, certificate)) return 'wrong-secret';
      return isRecent(message, nowMs) ? 'admitted' : 'stale';
    },
    deliveryId: ({ body }: Shown) => readEnvelope(body)?.MessageId,
    async confirm({ body }: Shown) {
      const message = readEnvelope(body);
      if (message?.Type !== 'SubscriptionConfirmation' || message.Token === undefined) return;
      await confirmSubscription({ topicArn: message.TopicArn, token: message.Token });
    },
    fix: 'subscribe this URL to one of the topics of BELAY_CLOUDWATCH_TOPICS, without raw delivery',
  };
}

function isSigned(message: SnsEnvelope, certificate: X509Certificate): boolean {
  const signature = base64Of(message.Signature);
  if (signature === undefined || certificate.publicKey.asymmetricKeyType !== 'rsa') return false;
  const signed = Buffer.from(signedTextOf(message), 'utf8');
  return verifySignature(
    hashes[message.SignatureVersion],
    signed,
    certificate.publicKey,
    signature,
  );
}

function isValidAt({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
}

function isRecent({ Timestamp }: SnsEnvelope, nowMs: number): boolean {
  const atMs = instantMs(Timestamp);
  return atMs !== undefined && nowMs - atMs <= retriedForMs + windowMs && atMs - nowMs <= windowMs;
}
