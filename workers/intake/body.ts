/** Reads a request's bytes up to a limit; looks at none of them. */
import type { Readable } from 'node:stream';
import { Refusal } from './refusal.js';

/** The largest body that is accepted: about two thousand alerts. */
export const bodyBytesMax = 1024 * 1024;

/**
 * A body over the limit is read on to this length and thrown away, so that its sender reads our answer instead of a
 * broken connection; beyond it the connection is closed.
 */
const drainedBytesMax = 16 * bodyBytesMax;

/** Throws a Refusal when there is too much, and whatever the stream threw when the sender went away. */
export async function readBody(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    lengthBytes += chunk.length;
    if (lengthBytes <= bodyBytesMax) chunks.push(chunk);
    else chunks.length = 0;
    if (lengthBytes > drainedBytesMax) break;
  }
  if (lengthBytes <= bodyBytesMax) return Buffer.concat(chunks, lengthBytes);
  throw new Refusal('too-large', `the body is larger than ${bodyBytesMax} bytes`, {
    fix: 'lower max_alerts or group by more labels, so that one notification holds fewer alerts',
  });
}
