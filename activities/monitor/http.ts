/** Reads JSON from a monitor, bounded in time and size; what cannot be read is a sentence, never a guess. */
import type { z } from 'zod';
import { messageOf } from '../../workflows/domain/failure.js';

export type Read<Value> =
  | { readonly kind: 'read'; readonly value: Value }
  | { readonly kind: 'unread'; readonly why: string };

const answerWithinMs = 4_000;
const answerMaxBytes = 8 * 1024 * 1024;

/** Gets JSON of the expected shape; throws a Failure that names the address when it cannot. */
export async function readJson<Value>(
  url: URL,
  shape: z.ZodType<Value>,
  signal: AbortSignal,
): Promise<Read<Value>> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: within });
    const text = await textOf(answer);
    if (!answer.ok) return unread(`HTTP ${answer.status}`);
    const parsed = shape.safeParse(JSON.parse(text));
    return parsed.success ? { kind: 'read', value: parsed.data } : unread(issueOf(parsed.error));
  } catch (thrown) {
    return unread(whyUnread(thrown, within));
  }
}

/** Why a request had no answer, in words. */
export function whyUnread(thrown: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time';
  const hasCause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown;
  return messageOf(hasCause ? thrown.cause : thrown);
}

async function textOf(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerMaxBytes) throw new Error(`its answer is over ${answerMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unread(why: string): { readonly kind: 'unread'; readonly why: string } {
  return { kind: 'unread', why };
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const place = issue?.path.join('.') ?? '';
  return `its answer has another shape: ${place === '' ? 'the whole' : place}: ${issue?.message ?? ''}`;
}
