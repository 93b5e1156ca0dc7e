/** Bytes to JSON with a reason when they are none; shared by every sender, judges no content. */
import type { Problem } from './sender.js';

export type Decoded =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problem: Problem };

/** Never throws. A byte order mark is skipped; bytes that are no UTF-8 are refused, not replaced. */
export function decodeJson(raw: Buffer | string): Decoded {
  const text = typeof raw === 'string' ? raw : decodeUtf8(raw);
  if (text === undefined) return refuse('is not UTF-8', 'send the body as UTF-8');
  if (text.trim() === '') return refuse('is empty', 'send a JSON object');
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
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    return undefined;
  }
}

/** The position alone: V8's message quotes the body, which may hold secrets. */
function placeOf(error: unknown): string {
  const found = error instanceof Error ? /at position (\d+)/.exec(error.message) : null;
  if (found) return ` at character ${found[1]}`;
  const ended = error instanceof Error && error.message.includes('end of JSON');
  return ended ? ': it ends too early' : '';
}
