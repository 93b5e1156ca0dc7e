/** Answers bytes that never became an HTTP request: malformed, too slow, headers too large. The connection ends. */
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';
import type { Instruments } from './instruments.js';
import { bodyOf, Refusal } from './refusal.js';

/** Counted under the source `none`: what it was for is not known. Never throws. */
export function answerBrokenRequest(
  { instruments }: { readonly instruments: Instruments },
  error: Error & { readonly code?: string },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const refusal = refusalOf(error.code ?? '');
  instruments.refused.add(1, { source: 'none', why: refusal.why });
  const body = JSON.stringify(bodyOf(refusal));
  socket.end(
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\n` +
      'Connection: close\r\nContent-Type: application/json; charset=utf-8\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

function refusalOf(code: string): Refusal {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal('too-slow', 'the request took too long to arrive', {
      fix: 'send it again, whole, within 10 seconds',
    });
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Refusal('headers-too-large', 'the headers are too large', {
      fix: 'send only the headers that are needed',
    });
  }
  return new Refusal('bad-request', 'this is no well-formed HTTP request', {
    fix: 'send one request with one Content-Length',
  });
}
