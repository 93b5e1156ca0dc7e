/** The rules of a storm of alerts and what is said of one. Pure: knows no clock and no database. */
import type { Tier } from '../../workflows/domain/entry.js';
import { durationText, minutes, seconds } from '../../workflows/domain/time.js';

export interface StormSettings {
  /** More open firings than this in one failure domain within `withinMs` are a storm. */
  readonly firingsMax: number;
  readonly withinMs: number;
  /** Runs that may begin in a second, over all processes, for firings that a storm held. */
  readonly startsPerSecond: number;
  /** Runs under way in the whole fleet at which nothing more is let go. */
  readonly openRunsMax: number;
}

/**
 * 50 a minute in one environment: nobody reads as many, and no single cause of an ordinary day makes them. 5 starts a second
 * is far below what any part of the engine bears; 100 runs under way is more than people can follow.
 */
export const stormDefaults: StormSettings = {
  firingsMax: 50,
  withinMs: minutes(1),
  startsPerSecond: 5,
  openRunsMax: 100,
};

/** One turn for the whole fleet in this time. */
export const turnEveryMs = seconds(1);

/** A storm ends at no more arrivals than this: below where it begins, so that it does not begin and end by turns. */
export function arrivalsAtEndMax({ firingsMax }: StormSettings): number {
  return Math.floor(firingsMax / 2);
}

/** How many held firings a turn may let go, with so many runs under way; never negative. */
export function permits(settings: StormSettings, underWay: number): number {
  const perTurn = Math.floor((settings.startsPerSecond * turnEveryMs) / seconds(1));
  return Math.max(0, Math.min(perTurn, settings.openRunsMax - underWay));
}

/** What the ledger and people are told; with the same id it is told once. */
export interface Announcement {
  readonly id: string;
  /** What it is about, where a notice has its run. */
  readonly about: string;
  readonly tier: Tier;
  readonly says: string;
  readonly detail: Readonly<Record<string, string | number>>;
  readonly notice: {
    readonly urgency: 'page' | 'tell';
    readonly title: string;
    readonly text: string;
  };
}

export interface BegunStorm {
  readonly id: number;
  readonly domain: string;
  readonly firings: number;
}

/** The one page of a storm. */
export function begunText(settings: StormSettings, storm: BegunStorm): Announcement {
  const within = durationText(settings.withinMs);
  const says = `a storm began in ${nameOf(storm.domain)}: ${storm.firings} alerts began to fire within ${within}`;
  const pace = `at most ${settings.startsPerSecond} runs a second and ${settings.openRunsMax} at once`;
  return {
    ...idsOf(storm, 'began'),
    tier: 'critical',
    says,
    detail: { ...settings, storm: storm.id, domain: storm.domain, firings: storm.firings },
    notice: {
      urgency: 'page',
      title: `Storm in ${nameOf(storm.domain)}: ${storm.firings} alerts within ${within}`,
      text: `${says}. Look for one cause. All are kept, ${pace} begin for them, none for those that resolve meanwhile.`,
    },
  };
}

export interface EndedStorm {
  readonly id: number;
  readonly domain: string;
  readonly lastedMs: number;
  /** Firings that arrived in it. */
  readonly firings: number;
  /** With a run. */
  readonly begun: number;
  /** Resolved, or without a runbook: nothing began for them. */
  readonly passedOver: number;
  /** To be let go from now on, at the same pace. */
  readonly held: number;
}

/** Told, and not paged: there is nothing to do. */
export function endedText({ id, domain, ...counts }: EndedStorm): Announcement {
  const { firings, begun, passedOver, held, lastedMs } = counts;
  const says = `the storm in ${nameOf(domain)} ended after ${durationText(lastedMs)}`;
  const sums = `${firings} alerts, ${begun} with a run, ${passedOver} that needed none, ${held} still held`;
  return {
    ...idsOf({ id }, 'ended'),
    tier: 'info',
    says: `${says}: ${sums}`,
    detail: { storm: id, domain, ...counts },
    notice: {
      urgency: 'tell',
      title: `Storm in ${nameOf(domain)} ended`,
      text: `${says}: ${sums}.`,
    },
  };
}

/** Told once a storm, when the first of them are too old; the inbox says it of each. */
export function overdueText({ id, domain, firings }: BegunStorm): Announcement {
  const count = `${firings} alert${firings === 1 ? '' : 's'}`;
  const says = `the storm in ${nameOf(domain)} held ${count} until too old for their runbook: nothing is begun for those`;
  return {
    ...idsOf({ id }, 'overdue'),
    tier: 'warning',
    says,
    detail: { storm: id, domain, firings },
    notice: {
      urgency: 'tell',
      title: `Storm in ${nameOf(domain)}: alerts are getting too old to act on`,
      text: `${says}, nor for others as they come to that age. Repair by hand what still fires, or trigger its runbook.`,
    },
  };
}

/** So many of one service in an hour, all alike, are no repairs any more. */
export const recoveriesMax = 10;

export interface Recurrence {
  readonly service: string;
  readonly runbook: string;
  readonly times: number;
  /** Of the look that found it, Unix milliseconds. */
  readonly atMs: number;
}

/** The one page for all of them. */
export function recurrenceText({ service, runbook, times, atMs }: Recurrence): Announcement {
  const says = `${runbook} resolved ${service} ${times} times within an hour, by itself: the cause is still there`;
  const about = `recoveries.${service}`;
  return {
    id: `${about}.${atMs}`,
    about,
    tier: 'critical',
    says,
    detail: { service, runbook, times },
    notice: {
      urgency: 'page',
      title: `${service} was repaired ${times} times within an hour`,
      text: `${says}. Somebody should look at what brings it back.`,
    },
  };
}

function idsOf({ id }: Pick<BegunStorm, 'id'>, what: string): { id: string; about: string } {
  return { id: `storm.${id}.${what}`, about: `storm.${id}` };
}

function nameOf(domain: string): string {
  return domain === '' ? 'alerts without an environment' : domain;
}
