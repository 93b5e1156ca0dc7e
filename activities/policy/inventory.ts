/** What services.yaml says about one question: the service, what caps it, and how many people it asks. Pure. */
import type { Level } from '../../workflows/domain/level.js';
import type { PolicyTable, ServicePolicy } from './table.js';

export interface Named {
  readonly runbook: string;
  readonly service: string;
}

/** Undefined when nobody wrote it down. */
export function serviceNamed(table: PolicyTable, name: string): ServicePolicy | undefined {
  return own(table.services, name);
}

/** The lowest override that concerns a class of action, and whose it is; undefined where there is none. */
export function ceilingFor(
  table: PolicyTable,
  { runbook, service: name }: Named,
  actionClass: string,
): { readonly level: Level; readonly by: string } | undefined {
  const service = serviceNamed(table, name);
  const candidates: [Level | undefined, string][] = [
    [own(service?.levels ?? {}, actionClass), `class ${actionClass} of ${name}`],
    [service?.level, `service ${name}`],
    [own(table.runbooks, runbook)?.level, `runbook ${runbook}`],
  ];
  const set = candidates.flatMap(([level, by]) => (level === undefined ? [] : [{ level, by }]));
  return set.toSorted((one, other) => one.level - other.level)[0];
}

/** The stricter of the service's and the runbook's word where one can be stricter, else the default. */
export function approvalsFor(table: PolicyTable, { runbook, service }: Named): number {
  const said = [
    serviceNamed(table, service)?.approvalsMin,
    own(table.runbooks, runbook)?.approvalsMin,
  ];
  const counts = said.flatMap((count) => count ?? []);
  return counts.length === 0 ? table.approvalsMin : Math.max(...counts);
}

/** Names come from alerts: `constructor` and its like must not be found. */
export function own<Value>(
  record: Readonly<Record<string, Value>>,
  key: string,
): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
