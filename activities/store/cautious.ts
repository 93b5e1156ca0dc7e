/** What was seen and cannot be relied on lowers what may be done alone: people decide then. It raises nothing. Pure. */
import type { Level } from '../../workflows/domain/level.js';
import type { Proposal } from '../../workflows/domain/plan.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { PolicyTrace } from '../policy/trace.js';
import type { PolicyAnswer } from './policy.js';

/** The highest at which a person still says yes before anything is done. */
const levelOfPeople: Level = 3;

/** Policy's answer as it is when no observation of the proposal is flawed, else at level 3 at most, with the flaw in its words. */
export function cautious(
  { confidence }: Pick<Proposal, 'confidence'>,
  policy: Known<PolicyAnswer>,
): Known<PolicyAnswer> {
  const flaw = confidence?.parts.find(({ flawed }) => flawed === true);
  if (flaw === undefined || !policy.known) return policy;
  const { permissions, terms, trace } = policy.value;
  const why = `${flaw.what}: ${flaw.why}`;
  return known({
    ...policy.value,
    permissions: permissions.map((permission) => {
      const level = lowered(permission.level);
      if (level === permission.level) return permission;
      return { ...permission, level, why: `level ${levelOfPeople}: ${why}` };
    }),
    terms: terms === null ? null : { ...terms, level: lowered(terms.level) ?? terms.level },
    ...(trace === undefined ? {} : { trace: doubting(trace, why) }),
  });
}

/** Policy's own answer stays in the trace, for whoever replays it; what became of it stands beside. */
function doubting(trace: PolicyTrace, why: string): PolicyTrace {
  const steps = trace.steps.map((step) => {
    const level = lowered(step.level);
    return level === null || level === step.level ? step : { ...step, lowered: { level, why } };
  });
  return { ...trace, steps };
}

function lowered(level: Level | null): Level | null {
  return level !== null && level > levelOfPeople ? levelOfPeople : level;
}
