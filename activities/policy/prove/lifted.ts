/** What a change lifts that is no policy: caps, approvers, approved lists, exceptions, Belay's own parts. Plain comparison, in words. */
import type { Approved } from '../approved.js';
import type { PolicyTable } from '../table.js';

export interface Inventory {
  readonly table: PolicyTable;
  readonly approved: Approved;
}

/** One sentence each; empty when nothing became laxer. */
export function lifted(before: Inventory, after: Inventory): string[] {
  return [
    ...liftedCaps(before.table, after.table),
    ...liftedParts(before.table, after.table),
    ...newlyApproved(before.approved, after.approved),
  ];
}

function liftedCaps(before: PolicyTable, after: PolicyTable): string[] {
  const runbooks = Object.keys(before.runbooks).flatMap((name) => [
    ...raised(`runbook ${name}`, before.runbooks[name]?.level, after.runbooks[name]?.level),
    ...fewer(
      `runbook ${name}`,
      before.runbooks[name]?.approvalsMin,
      after.runbooks[name]?.approvalsMin,
    ),
  ]);
  const services = Object.entries(before.services).flatMap(([name, then]) => {
    const now = Object.hasOwn(after.services, name) ? after.services[name] : undefined;
    if (now === undefined) return [];
    return [
      ...Object.entries(then.levels ?? {}).flatMap(([actionClass, level]) =>
        raised(`class ${actionClass} of ${name}`, level, now.levels?.[actionClass]),
      ),
      ...fewer(`service ${name}`, then.approvalsMin, now.approvalsMin),
    ];
  });
  return [
    ...runbooks,
    ...services,
    ...fewer('every service', before.approvalsMin, after.approvalsMin),
  ];
}

function raised(what: string, before: number | undefined, after: number | undefined): string[] {
  if (before === undefined || (after !== undefined && after <= before)) return [];
  return [
    `services.yaml no longer caps ${what} at ${before}${after === undefined ? '' : `, but at ${after}`}`,
  ];
}

function fewer(what: string, before: number | undefined, after: number | undefined): string[] {
  if (before === undefined || (after ?? 1) >= before) return [];
  return [
    `services.yaml asks ${after ?? 'the default number of'} instead of ${before} approvers for ${what}`,
  ];
}

function liftedParts(before: PolicyTable, after: PolicyTable): string[] {
  const gone = before.self.filter((pattern) => !after.self.includes(pattern));
  return gone.map((pattern) => `${pattern} is no part of Belay any more`);
}

const lists = ['images', 'versions', 'templates', 'ports', 'destinations'] as const;

function newlyApproved(before: Approved, after: Approved): string[] {
  const listed = lists.flatMap((list) => {
    const known: readonly unknown[] = before[list];
    return after[list]
      .filter((one) => !known.includes(one))
      .map((one) => `${list}: ${one} is approved`);
  });
  const known = before.exceptions.map((one) => JSON.stringify(one));
  const excepted = after.exceptions
    .filter((one) => !known.includes(JSON.stringify(one)))
    .map((one) => `runbook ${one.runbook} is excepted for ${one.class} (${one.by}): ${one.why}`);
  return [...listed, ...excepted];
}
