/** Tells a service to read its configuration file again, at the address in the settings. It looks at no file. */
import { Failure, messageOf } from '../../workflows/domain/failure.js';

const answerWithinMs = 5_000;

/**
 * Resolves once the service answered 2xx. Every other end is transient, also a plain no: the file is changed by now, so
 * it cannot be said that nothing took effect; the repeat only reloads, and in the end the undo decides.
 */
export async function reload(service: string, url: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new Failure('unknown', `${service} was not told to reload: time is up`);
  const status = await post(url, AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]));
  if (typeof status === 'number' && status >= 200 && status < 300) return;
  const why = typeof status === 'number' ? `answered HTTP ${status}` : status;
  throw new Failure('transient', `${service} did not reload its settings: ${why}`);
}

/** The status, or a sentence saying why there is none. */
async function post(url: string, signal: AbortSignal): Promise<number | string> {
  try {
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', signal });
    await answer.body?.cancel();
    return answer.status;
  } catch (thrown) {
    if (signal.aborted) return 'no answer in time';
    const hasCause = typeof thrown === 'object' && thrown !== null && 'cause' in thrown;
    return messageOf(hasCause ? thrown.cause : thrown);
  }
}
