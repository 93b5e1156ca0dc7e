/** Asks a monitor's API for JSON, bounded in time and size, and never follows it elsewhere; errors name the host, never a token. */
import { messageOf } from '../../../workflows/domain/failure.js';
import { seconds } from '../../../workflows/domain/time.js';

/** There is no answer to go by. */
export class Unread extends Error {
  override readonly name = 'Unread';
  /** `status` is the HTTP status when there was one. */
  constructor(
    message: string,
    readonly status: number | null = null,
  ) {
    super(message);
  }
}

export interface Question {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const answerWithinMs = seconds(10);
/** About 20,000 alerts; reading more would keep webhooks waiting. */
const answerBytesMax = 16 * 1024 * 1024;

/** The answer's JSON, whatever is in it. Throws an Unread for everything else. */
export async function askJson({ url, headers, signal }: Question): Promise<unknown> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
  try {
    const answer = await fetch(url, { headers, redirect: 'manual', signal: within });
    if (answer.ok) return jsonOf(await bytesOf(answer), url);
    await answer.body?.cancel();
    throw new Unread(`${url.host} answered HTTP ${answer.status}`, answer.status);
  } catch (thrown) {
    if (thrown instanceof Unread) throw thrown;
    throw new Unread(`${url.host}: ${whyNot(thrown, within)}`);
  }
}

async function bytesOf(answer: Response): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`its answer is over ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Each alert in it is judged as strictly as a webhook's once it matters; the list as a whole is longer than those may be. */
function jsonOf(bytes: Buffer, url: URL): unknown {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch {
    throw new Unread(`${url.host}: its answer is no JSON in UTF-8`); // V8's own words quote it
  }
}

function whyNot(thrown: unknown, within: AbortSignal): string {
  if (within.aborted) return 'no answer in time';
  const hasCause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown;
  return messageOf(hasCause ? thrown.cause : thrown);
}

/** A path under a base that may have one of its own and may end in a slash. */
export function under(base: string, path: string): URL {
  return new URL(`${base.replace(/\/+$/, '')}${path}`);
}
