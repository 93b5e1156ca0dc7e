/**
 * What must hold of every set of policies, whatever is granted: each a situation that must never be permitted, written in the
 * language of the policies. A set's own come beside them, from policies/invariants/. Proves nothing itself.
 */
import { policyToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { readPolicy } from '../est.js';
import type { SetFile } from '../cedar.js';
import { compileFile } from '../cedar.js';
import type { Condition } from '../rule.js';

export interface Invariant {
  readonly id: string;
  /** As it should be. */
  readonly says: string;
  /** A situation in which nothing may be permitted. */
  readonly never: Condition;
}

const written: readonly (readonly [id: string, says: string, never: string])[] = [
  [
    'switch-off',
    'while the switch is off nothing is permitted',
    'context has stopped && context.stopped',
  ],
  ['no-target', 'a plan without a target is never permitted', 'context.targets < 1'],
  [
    'ceiling',
    'nothing is permitted above the ceiling of services.yaml',
    'context.level > context.ceiling',
  ],
  [
    'reversible-alone',
    'levels 4 and 5 only for what can be taken back, or is excepted by name',
    'context.level >= 4 && !context.reversible && !context.excepted',
  ],
  [
    'critical-two-people',
    'a critical service is never above level 3 unless two people answer for it',
    'context.tier == "critical" && context.level > 3 && context.approvalsMin < 2',
  ],
  [
    'minimum-healthy',
    'what would leave less than 51 % healthy is never more than advice',
    'context.level > 1 && context has healthyAfter && context.healthyAfter < 51',
  ],
  [
    'spent-budget',
    'a spent error budget never permits more than advice',
    'context.level > 1 && context has errorBudget && context.errorBudget <= 0',
  ],
  [
    'frozen',
    'in a change freeze nothing happens without people',
    'context.level > 3 && context has frozen && context.frozen',
  ],
  [
    'recurring',
    'what came back three times in an hour goes to people',
    'context.level > 3 && context has recurrence && context.recurrence >= 3',
  ],
  [
    'earned',
    'nothing is permitted above what the track record bears',
    'context has trust && context.level > context.trust',
  ],
  [
    'approved-resource',
    'a resource outside the approved lists is never permitted',
    'context has approved && !context.approved',
  ],
  [
    'wide-alone',
    'nothing touches more than a quarter of a service alone',
    'context.level > 3 && context has targetShare && context.targetShare > 25',
  ],
  [
    'fresh-telemetry',
    'nothing happens alone on telemetry older than five minutes',
    'context.level > 3 && context has telemetryAge && context.telemetryAge > 300',
  ],
  [
    'known-alone',
    'outside the demo nothing happens alone while switch, freeze, confidence, recurrence, budget or record are unknown',
    `context.level > 3 && context.environment != "demo" && !(context has stopped && context has frozen &&
     context has confidence && context has recurrence && context has errorBudget && context has trust)`,
  ],
  [
    'level-five-earned',
    'level 5 only with a track record that is known to bear it',
    'context.level > 4 && !(context has trust && context.trust >= 5)',
  ],
  [
    'destructive-asked',
    'what deletes is never done without people',
    'context.level > 3 && ["delete", "drop", "wipe", "destroy", "failover"].contains(context.actionClass)',
  ],
];

/** Those of the product, which a change of policies cannot take away. */
export function ownInvariants(): Invariant[] {
  return written.map(([id, says, never]) => ({ id, says, never: conditionOf(never) }));
}

function conditionOf(text: string): Condition {
  const parsed = policyToJson(`forbid (principal, action, resource) when { ${text} };`);
  if (parsed.type === 'success') return readPolicy(parsed.json).when;
  throw new SyntaxError(parsed.errors[0]?.message ?? text);
}

/** A set's own: policies/invariants/*.cedar, each a forbid that no change of the other files may contradict. Throws PolicyError. */
export function invariantsIn(files: readonly SetFile[]): Invariant[] {
  return files.flatMap(compileFile).map(({ rule }) => ({
    id: rule.id,
    says: rule.notes['protects'] ?? rule.id,
    never: rule.when,
  }));
}
