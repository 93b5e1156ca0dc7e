/** Reads a request's bytes up to a limit, and no more of all requests together than there is room for; looks at none of them. */
import type { Readable } from 'node:stream';
import { Refusal, Unavailable } from './refusal.js';

/** The largest body that is accepted: about two thousand alerts. */
export const bodyBytesMax = 1024 * 1024;

/**
 * A body over the limit is read on to this length and thrown away, so that its sender reads our answer instead of a
 * broken connection; beyond it the connection is closed.
 */
const drainedBytesMax = 16 * bodyBytesMax;

/** Of all bodies that are arriving or waiting for their commit. Alerts made of them take a few times as much, briefly. */
export const roomBytesMax = 64 * bodyBytesMax;

/** What one request takes up of the room. */
export interface Hold {
  /** False when there is no room for so many more. */
  take(bytes: number): boolean;
  /** Gives back everything; taking goes on from nothing. */
  release(): void;
}

export interface Room {
  /** To be released when its request has its answer, or is gone. */
  hold(): Hold;
  readonly takenBytes: () => number;
}

export function createRoom(bytesMax = roomBytesMax): Room {
  let takenBytes = 0;
  return {
    takenBytes: () => takenBytes,
    hold() {
      let ownBytes = 0;
      return {
        take(bytes) {
          if (takenBytes + bytes > bytesMax) return false;
          takenBytes += bytes;
          ownBytes += bytes;
          return true;
        },
        release() {
          takenBytes -= ownBytes;
          ownBytes = 0;
        },
      };
    },
  };
}

/**
 * Throws a Refusal when this body is too large, Unavailable when there is no room for it beside the others, and whatever
 * the stream threw when the sender went away. Either way it is read to its end, and only its length is kept.
 */
export async function readBody(stream: Readable, hold: Hold): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let lengthBytes = 0;
  let isKept = true;
  await eachChunk(stream, (chunk) => {
    lengthBytes += chunk.length;
    isKept = isKept && lengthBytes <= bodyBytesMax && hold.take(chunk.length);
    if (isKept) chunks.push(chunk);
    else {
      chunks.length = 0;
      hold.release();
    }
    return lengthBytes <= drainedBytesMax;
  });
  if (isKept) return Buffer.concat(chunks, lengthBytes);
  if (lengthBytes <= bodyBytesMax) {
    throw new Unavailable('overloaded', 'too many bodies are being taken in');
  }
  throw new Refusal('too-large', `the body is larger than ${bodyBytesMax} bytes`, {
    fix: 'lower max_alerts or group by more labels, so that one notification holds fewer alerts',
  });
}

/**
 * Until its end, or until `take` says that it has enough: then the rest is thrown away with the stream. By listeners and not by
 * iteration, which takes several turns of the event loop for the one chunk that nearly every body is.
 */
function eachChunk(stream: Readable, take: (chunk: Buffer) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      if (take(chunk)) return;
      stream.destroy();
      resolve();
    });
    stream.once('end', resolve);
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('the sender went away')));
  });
}
