/** Asks a service itself whether it answers, at the probe address in the settings, never at one from an alert. */
import type { Health } from '../../workflows/actions/action.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { FactAdapter } from '../adapter.js';
import { whyUnread } from './http.js';

export interface ProbedService {
  readonly probeUrl: string;
}

/** Shorter than a person would wait, and two of them fit into one look. */
const answerWithinMs = 2_000;

export function probeBy(
  services: Readonly<Record<string, ProbedService>>,
): FactAdapter<{ service: string }, Health> {
  return async ({ service }, { signal }) => {
    const known = Object.hasOwn(services, service) ? services[service] : undefined;
    if (known === undefined) {
      const fix = `add services.${service}.probeUrl`;
      throw new Failure('failed', `no probe of service "${service}" is in the settings: ${fix}`);
    }
    const within = AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]);
    try {
      const answer = await fetch(known.probeUrl, { redirect: 'manual', signal: within });
      await answer.body?.cancel();
      return { well: answer.ok, seen: `the probe of ${service} answers HTTP ${answer.status}` };
    } catch (thrown) {
      return {
        well: false,
        seen: `the probe of ${service} does not answer: ${whyUnread(thrown, within)}`,
      };
    }
  };
}
