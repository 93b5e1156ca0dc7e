/**
 * Counts for the guards, as one SQL value, so that it stands in the statement that reads everything else. Only what a rule that
 * is on asks for is counted. Takes and changes nothing.
 */
import { sql, type RawBuilder } from 'kysely';
import { minutes } from '../../../workflows/domain/time.js';
import { pgJson } from '../pg-json.js';
import { emptyReading, type GuardReading } from './reading.js';
import { circuitKey, type Wanted, type WantedCircuit } from './wanted.js';

/** A service whose repair was in vain so short ago still is sick: as long as another run may be held for it. */
export const sickForMs = minutes(10);
/** What stands on a service that was just repaired is given so long to come up by itself. */
export const settlesWithinMs = minutes(1);
/** A run of yesterday that was never closed, because somebody deleted its workflow, says nothing of today. */
const openForHours = 24;
/** An attempt whose run says nothing for so long, and holds nothing, came to nothing that anybody can tell. */
const pendingForMs = minutes(60);
/** More sick services than this are a storm whatever the size of the fleet. */
const sickMax = 5_000;

/** A GuardReading as jsonb. */
export function countingFor(wanted: Wanted): RawBuilder<GuardReading> {
  const parts: Partial<Record<keyof GuardReading, RawBuilder<unknown>>> = {
    atMs: sql`floor(1000 * extract(epoch FROM statement_timestamp()))::bigint`,
    ...recoveriesOf(wanted),
    ...heldOf(wanted),
    ...spentOf(wanted),
    ...circuitsOf(wanted),
    ...sickOf(wanted),
  };
  const pairs = Object.entries(parts).flatMap(([key, part]) => [sql.lit(key), part]);
  return sql<GuardReading>`
    (${pgJson(emptyReading)}::jsonb || jsonb_build_object(${sql.join(pairs)}))`;
}

type Parts = Partial<Record<keyof GuardReading, RawBuilder<unknown>>>;

const ago = (durationMs: number) =>
  sql`statement_timestamp() - ${durationMs} * interval '1 millisecond'`;

function recoveriesOf({ terms, takesBack, service, run }: Wanted): Parts {
  const { recurring } = terms.rules;
  if (recurring === null || takesBack) return {};
  return {
    recoveries: sql`(
      SELECT count(DISTINCT run) FROM admissions
      WHERE service = ${service} AND at > ${ago(recurring.within)} AND run <> ${run})`,
  };
}

/** Leases are the shares. Those of the run itself count when they are not of its present plan, which the gate adds. */
function heldOf({ radii, run, targets, service, zone, terms }: Wanted): Parts {
  if (radii.length === 0) return {};
  const held = sql`(
    SELECT coalesce(jsonb_object_agg(scope, jsonb_build_object('runs', runs, 'targets', targets)), '{}') FROM (
      SELECT scope, count(DISTINCT holder) FILTER (WHERE holder <> ${run}) AS runs,
        count(*) FILTER (WHERE holder <> ${run} OR target <> ALL(${targets}::text[])) AS targets
      FROM leases JOIN unnest(${radii}::text[]) AS asked(scope)
        ON scope IN ('fleet', 'service:' || service, 'zone:' || zone)
      GROUP BY scope
    ) AS counted)`;
  const otherZones = sql`(
    SELECT count(DISTINCT zone) FROM leases WHERE holder <> ${run} AND zone <> ${zone})`;
  return {
    held,
    ...(zone === null ? {} : { otherZones }),
    ...(terms.place.minHealthy === null ? {} : { unhealthy: unhealthyOf(service, run) }),
  };
}

/** Of two that both wait, the one that began later counts the other: else each would wait for the other. */
function unhealthyOf(service: string, run: string): RawBuilder<unknown> {
  return sql`(
    SELECT count(DISTINCT target) FROM quarantine JOIN runs USING (run) WHERE runs.service = ${service}
    ) + (
    SELECT count(*) FROM runs AS other
    WHERE state NOT IN ('watching', 'closed') AND service = ${service} AND run <> ${run}
      AND opened_at > statement_timestamp() - ${openForHours} * interval '1 hour'
      AND NOT EXISTS (SELECT FROM leases WHERE holder = other.run)
      AND (opened_at, run) < (coalesce((SELECT opened_at FROM runs WHERE run = ${run}), 'infinity'), ${run}))`;
}

function spentOf({ terms, takesBack, run, steps }: Wanted): Parts {
  if (takesBack) return {};
  const { risk, rate } = terms.rules;
  const names = steps.map(({ step }) => step);
  const others = sql`NOT (run = ${run} AND step = ANY(${names}::text[]))`;
  const rates = [...new Set(steps.map((step) => step.action_class))].flatMap((actionClass) => {
    const rule = Object.hasOwn(rate, actionClass) ? rate[actionClass] : undefined;
    if (rule === undefined) return [];
    const count = sql`(
      SELECT count(*) FROM admissions
      WHERE action_class = ${actionClass} AND at > ${ago(rule.within)} AND ${others})`;
    return [sql`${actionClass}::text`, count];
  });
  return {
    ...(rates.length === 0 ? {} : { rates: sql`jsonb_build_object(${sql.join(rates)})` }),
    ...(risk === null
      ? {}
      : {
          risk: sql`(
            SELECT coalesce(sum(risk), 0) FROM admissions WHERE at > ${ago(risk.within)} AND ${others})`,
        }),
  };
}

function circuitsOf({ circuits, run }: Wanted): Parts {
  if (circuits.length === 0) return {};
  const pairs = circuits.flatMap((circuit) => [
    sql`${circuitKey(circuit.action, circuit.target)}::text`,
    attemptsAt(circuit, run),
  ]);
  return { circuits: sql`jsonb_build_object(${sql.join(pairs)})` };
}

/** A run that did nothing says nothing of the action, unless that is because the action failed. */
function attemptsAt({ action, target, failuresMax }: WantedCircuit, run: string) {
  const on = target === null ? sql`` : sql`AND target = ${target}`;
  return sql`(
    SELECT coalesce(jsonb_agg(jsonb_build_object('run', run, 'came', came, 'atMs', at_ms) ORDER BY at DESC), '[]') FROM (
      SELECT tried.run, tried.at,
        CASE WHEN outcome = 'resolved' THEN 'well'
          WHEN outcome IS NULL AND (tried.at > ${ago(pendingForMs)} OR EXISTS (
            SELECT FROM leases WHERE holder = tried.run)) THEN 'pending'
          ELSE 'bad' END AS came,
        floor(1000 * extract(epoch FROM CASE WHEN outcome IS NULL THEN tried.at
          ELSE coalesce(closed_at, changed_at) END))::bigint AS at_ms
      FROM (
        SELECT run, max(at) AS at FROM admissions
        WHERE action = ${action} ${on} AND run <> ${run} AND at > statement_timestamp() - interval '1 day'
        GROUP BY run
      ) AS tried LEFT JOIN runs ON runs.run = tried.run
      WHERE outcome IS NULL OR outcome <> 'withheld' OR reason = 'step-failed'
      ORDER BY tried.at DESC LIMIT ${failuresMax + attemptsBesides}
    ) AS attempt)`;
}

/** Attempts that are still under way may stand between those that ended. */
const attemptsBesides = 20;

const sickRuns = sql`
  SELECT service, run, opened_at FROM runs
  WHERE state NOT IN ('watching', 'closed')
    AND opened_at > statement_timestamp() - ${openForHours} * interval '1 hour'
  UNION ALL
  SELECT service, run, opened_at FROM runs
  WHERE state = 'closed' AND outcome <> 'resolved' AND closed_at > ${ago(sickForMs)}
    AND coalesce(reason, '') NOT IN ('resolved-meanwhile', 'nothing-to-do')`;

function sickOf({ storms, dependencies, run }: Wanted): Parts {
  const stands = sql`(
    SELECT coalesce(jsonb_agg(jsonb_build_object('scope', scope, 'state', state,
      'sinceMs', floor(1000 * extract(epoch FROM since))::bigint, 'admitted', CASE state WHEN 'ending' THEN (
        SELECT count(DISTINCT run) FROM admissions
        WHERE at > since AND run <> ${run} AND (scope = 'fleet' OR 'zone:' || zone = scope)) ELSE 0 END)), '[]')
    FROM fleet_storms WHERE scope = ANY(${storms}::text[]))`;
  const sick = sql`(
    SELECT coalesce(jsonb_agg(service), '[]') FROM (
      SELECT DISTINCT service FROM (${sickRuns}) AS open LIMIT ${sickMax}) AS sick)`;
  const below = sql`(
    SELECT coalesce(jsonb_agg(jsonb_build_object('service', service, 'run', run) ORDER BY service), '[]') FROM (
      SELECT DISTINCT ON (service) service, run FROM (${sickRuns}
        UNION ALL SELECT service, run, opened_at FROM runs
        WHERE state = 'watching' AND changed_at > ${ago(settlesWithinMs)}) AS open
      WHERE service = ANY(${dependencies}::text[]) AND run <> ${run}
      ORDER BY service, opened_at DESC) AS below)`;
  return {
    ...(storms.length === 0 ? {} : { storms: stands, sick }),
    ...(dependencies.length === 0 ? {} : { sickBelow: below }),
  };
}
