/** Which alerts a storm has held for too long: those older than the one runbook that takes them acts on. Begins nothing. */
import type { Overdue } from '../../activities/store/overdue.js';
import { ageMs } from '../../workflows/domain/alert.js';
import { route, type Routable } from '../../workflows/domain/routing.js';
import { durationText } from '../../workflows/domain/time.js';

/** A runbook as far as this looks at it; one without an age acts on alerts of any. */
export interface Aging extends Routable {
  readonly meta: Routable['meta'] & { readonly maxAgeMs?: number };
}

/** The words are those of the gate `stale`, which would say so otherwise. */
export function overdueBy(catalogue: readonly Aging[]): Overdue {
  const ages = new Map(catalogue.map(({ meta }) => [meta.name, meta.maxAgeMs ?? Infinity]));
  return {
    afterMs: Math.min(...ages.values(), Number.MAX_SAFE_INTEGER),
    judge(alert, nowMs) {
      const { runbook } = route(catalogue, alert);
      const maxAgeMs = ages.get(runbook ?? '') ?? Infinity;
      const age = ageMs(alert, nowMs);
      if (runbook === null || age <= maxAgeMs) return null;
      return `the alert began ${durationText(age)} ago; ${runbook} acts within ${durationText(maxAgeMs)}`;
    },
  };
}
