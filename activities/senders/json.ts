/** Bytes to JSON with a reason and a place when they are none; shared by every sender, judges no content. */
import { flawIn } from './json-scan.js';
import type { Problem } from './sender.js';

export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Never throws. A byte order mark is skipped. Refused, not repaired: bytes that are no UTF-8, NUL bytes, and what
 * `flawIn` finds. What is written as an escape, a NUL or half of a surrogate pair, is let through: `clean` replaces it.
 */
export function decodeJson(raw: Buffer | string): Decoded {
  const text = typeof raw === 'string' ? raw : decodeUtf8(raw);
  if (text === undefined) return refuse(`is not UTF-8${placeOfBadByte(raw)}`, 'send it as UTF-8');
  if (text.trim() === '') return refuse('is empty', 'send a JSON object');
  const nulAt = text.indexOf('\0');
  if (nulAt >= 0) return refuse(`has a NUL at character ${nulAt}`, 'send JSON text without it');
  const flaw = flawIn(text);
  if (flaw !== undefined) return { ok: false, problem: flaw };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    return refuse(`is not JSON${placeOf(error)}`, 'send one complete JSON object');
  }
}

function refuse(what: string, fix: string): Decoded {
  return { ok: false, problem: { path: '', problem: `the body ${what}`, fix } };
}

function decodeUtf8(raw: Buffer): string | undefined {
  try {
    return utf8.decode(raw);
  } catch {
    return undefined;
  }
}

/** A replacement character that was not sent as one stands where the first bad byte is. */
function placeOfBadByte(raw: Buffer | string): string {
  if (typeof raw === 'string') return '';
  const text = raw.toString('utf8');
  let byte = 0;
  let from = 0;
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', from)) {
    byte += Buffer.byteLength(text.slice(from, at));
    if (raw.readUIntBE(byte, Math.min(3, raw.length - byte)) !== 0xefbfbd)
      return ` at byte ${byte}`;
    byte += 3;
    from = at + 1;
  }
  return '';
}

/** The position alone: V8's message quotes the body, which may hold secrets. */
function placeOf(error: unknown): string {
  const found = error instanceof Error ? /at position (\d+)/.exec(error.message) : null;
  if (found) return ` at character ${found[1]}`;
  const ended = error instanceof Error && error.message.includes('end of JSON');
  return ended ? ': it ends too early' : '';
}
