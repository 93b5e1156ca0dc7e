/** What a set still names and nothing answers to any more, and what it holds that nobody used. Pure: told of use, it reads none. */
import type { LoadedSet } from '../../../activities/policy/set.js';
import type { Use } from '../../../activities/store/policy-use.js';
import type { Runbook } from '../../../workflows/runbook.js';

/** Names of runbooks, services and alerts that are not there: one sentence each. `alerts` is null where nobody listed them. */
export function danglingIn(
  set: LoadedSet,
  runbooks: readonly Runbook[],
  alerts: readonly string[] | null = null,
): string[] {
  const { rules, table, approved } = set;
  const known = runbooks.map(({ meta }) => meta.name);
  const asked: (readonly [string, string | null])[] = [
    ...rules.map(
      ({ place, id, runbook }) => [`${place.file}:${place.line}: ${id}`, runbook] as const,
    ),
    ...Object.keys(table.runbooks).map((name) => ['services.yaml: runbooks', name] as const),
    ...approved.exceptions.map(({ runbook }) => ['approved.yaml: exceptions', runbook] as const),
  ];
  const strangers = asked.flatMap(([where, name]) =>
    name === null || known.includes(name)
      ? []
      : [`${where} names a runbook that is not there: ${name}`],
  );
  const lost = rules.flatMap(({ place, id, service }) =>
    service === null || Object.hasOwn(table.services, service)
      ? []
      : [`${place.file}:${place.line}: ${id} names a service that is not there: ${service}`],
  );
  return [...strangers, ...lost, ...runbooks.flatMap((one) => lostIn(one, { table, alerts }))];
}

interface Known {
  readonly table: LoadedSet['table'];
  readonly alerts: readonly string[] | null;
}

/** What a runbook handles and nothing can send any more. */
function lostIn({ meta }: Runbook, { table, alerts }: Known): string[] {
  return meta.handles.flatMap(({ alertname, service }) => [
    ...(service === undefined || Object.hasOwn(table.services, service)
      ? []
      : [`runbook ${meta.name} handles alerts of a service that is not there: ${service}`]),
    ...(alerts === null || alertname === undefined || alerts.includes(alertname)
      ? []
      : [`runbook ${meta.name} handles an alert that no rule raises: ${alertname}`]),
  ]);
}

export interface Unused {
  readonly policies: readonly string[];
  readonly runbooks: readonly string[];
  readonly services: readonly string[];
  /** Names of alerts that a runbook handles. */
  readonly alerts: readonly string[];
}

export function unusedIn(set: LoadedSet, runbooks: readonly Runbook[], use: Use): Unused {
  const without = (names: readonly string[], used: readonly string[]): string[] =>
    names.filter((name) => !used.includes(name));
  const handled = runbooks.flatMap(({ meta }) =>
    meta.handles.flatMap(({ alertname }) => (alertname === undefined ? [] : [alertname])),
  );
  return {
    policies: without(
      set.rules.map(({ id }) => id),
      use.policies,
    ),
    runbooks: without(
      runbooks.map(({ meta }) => meta.name),
      use.runbooks,
    ),
    services: without(Object.keys(set.table.services), use.services),
    alerts: without([...new Set(handled)], use.alerts),
  };
}
