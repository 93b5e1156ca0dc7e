/**
 * Tells with every answer to a fact that declared what a decision needs how old it is, by the clock of whoever asked. Judges
 * nothing: what is too old the replayed half says, from the answer alone.
 */
import { seconds } from '../workflows/domain/time.js';
import type { FactAdapter, Implementation } from './adapter.js';

type Observed = Extract<Implementation, { readonly fact: unknown }>;

/** A sample from further in the future is of a clock that is wrong, so nobody can tell its age. */
const skewMsMax = seconds(5);

/** The adapter itself when its fact declared nothing; else one that adds `ageMs`, null where it cannot be told. */
export function dated(
  { fact: { telemetry }, adapter }: Observed,
  now: () => number,
): FactAdapter<never, unknown> {
  if (telemetry === undefined) return adapter;
  return async (input, context) => {
    const askedAtMs = now();
    const answer = await adapter(input, context);
    if (typeof answer !== 'object' || answer === null) return { ageMs: null };
    const fields = answer as { readonly observedAtMs?: unknown };
    const ofMs = telemetry.dated === 'live' ? askedAtMs : fields.observedAtMs;
    return { ...answer, ageMs: ageOf(ofMs, now()) };
  };
}

function ageOf(ofMs: unknown, nowMs: number): number | null {
  if (typeof ofMs !== 'number' || !Number.isFinite(ofMs)) return null;
  const ageMs = nowMs - ofMs;
  return ageMs < -skewMsMax ? null : Math.max(0, Math.round(ageMs));
}
