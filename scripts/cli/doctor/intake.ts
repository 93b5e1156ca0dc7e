/** The intake: is it there, is it ready, is a token known. Sends no alert. */
import { seconds } from '../../../workflows/domain/time.js';
import { addressesOf } from '../addresses.js';
import { unreachable } from '../complaint.js';
import { reasonOf } from '../reason.js';
import type { Terminal } from '../terminal.js';
import { fail, ok, warn, type Finding } from './finding.js';

const answerWithinMs = seconds(5);
const whyMax = 200;

export async function lookAtIntake(terminal: Terminal): Promise<Finding[]> {
  const { intakeUrl, token } = addressesOf(terminal);
  const response = await fetch(new URL('/readyz', intakeUrl), {
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((error: unknown) => {
    throw unreachable(
      `${intakeUrl} does not answer (${reasonOf(error)})`,
      'start it (belay up), or set BELAY_INTAKE_URL',
    );
  });
  const ready = response.ok
    ? ok('intake', `is ready at ${intakeUrl}`)
    : fail('intake', `is not ready: ${(await response.text()).slice(0, whyMax)}`, 'see its log');
  if (token !== undefined) return [ready, ok('intake token', 'known')];
  const fix = 'set BELAY_INTAKE_TOKEN; only belay fire needs it';
  return [ready, warn('intake token', 'not known', fix)];
}
