/** The shape of a way to prove who sends: over the raw bytes, before anything is parsed. Knows no sender's format. */
import type { Headers } from '../../../activities/senders/sender.js';

/** Who is at the other end of a TLS connection. */
export interface ClientCertificate {
  /** One of our client CAs vouches for it. */
  readonly isTrusted: boolean;
  /** SHA-256 of the certificate, 64 lower-case hex digits. */
  readonly fingerprint: string;
  /** `/O=Acme/CN=alertmanager`, most general part first; null when a part could be read in two ways. */
  readonly subject: string | null;
  readonly validUntilMs: number;
}

/** What a request shows. Nothing of it may enter a log, a metric or an error. */
export interface Shown {
  readonly headers: Headers;
  /** Path and query as they came. */
  readonly url: string;
  /** As it came; empty for schemes that do not sign it, which are asked before it is read. */
  readonly body: Buffer;
  /** Null without TLS, or when none was shown. */
  readonly certificate: ClientCertificate | null;
  /** Unix milliseconds on our clock. */
  readonly nowMs: number;
}

/**
 * - `no-secret`: the request shows nothing this scheme could look at. - `wrong-secret`: what it shows fits no active secret.
 * - `stale`: it fits, but its timestamp is outside the window. Whether it was seen before is for the replay cache to say.
 */
export type Admission = 'admitted' | 'no-secret' | 'wrong-secret' | 'stale';

export interface Scheme {
  /** As in the table of doors, such as `bearer`. */
  readonly name: string;
  /** Read the body first: the scheme signs it. */
  readonly signsBody: boolean;
  /**
   * Every secret is compared, in constant time and without an early exit; with none nobody is admitted. Total, but for
   * a scheme that must ask somebody first: then it throws Unavailable, and the sender keeps what it has.
   */
  verify(shown: Shown, secrets: readonly string[]): Admission | Promise<Admission>;
  /** What, with the body, names this delivery for good and is signed: a second one like it is a replay. */
  deliveryId?(shown: Shown): string | undefined;
  /** Does what an admitted sender asks for before it sends alerts, once; throws Unavailable when it cannot be done now. */
  confirm?(shown: Shown): Promise<void>;
  /** What the person who set the sender up can change, without any value. */
  readonly fix: string;
}
