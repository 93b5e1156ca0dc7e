/**
 * Generates the cases of a scenario and plays them: a clean run to learn its places from, every fault at every place, and a
 * second fault at every place that a run with the first one came to. Lists nothing by hand.
 */
import type { Proposal } from '../../workflows/domain/plan.js';
import { playCase, type CaseOptions, type PlayedCase } from './case.js';
import { faultsAt, standingFor, type Fault } from './fault.js';
import { Matrix } from './matrix.js';
import { shuffled } from './chance.js';
import type { Scenario } from './scenario.js';
import { worthFaulting, type Site } from './site.js';

export interface Effort {
  readonly seed: number;
  /** Pairs to play at most; the others of all there are are left out by the seed. */
  readonly pairsMax: number;
  /** Which faults are put together: those that stand for their kind, or every one. */
  readonly pairsOf: 'those that stand for their kind' | 'every fault';
}

export interface Explored {
  readonly scenario: Scenario;
  readonly clean: PlayedCase;
  readonly matrix: Matrix;
  readonly singles: number;
  readonly pairs: number;
  readonly pairsThereAre: number;
  /** Cases in which a law broke, and the first of them. */
  readonly failures: number;
  readonly failing: readonly CaseOptions[];
  /** The longest history and the longest virtual time met, in commands and ms. */
  readonly commandsMost: number;
  readonly tookMsMost: number;
}

/** Each failing case is told in full, so a few of them say enough. */
const failingMax = 20;

export async function explore(scenario: Scenario, effort: Effort): Promise<Explored> {
  const clean = await playCase({ scenario });
  const exploration = new Exploration(scenario, clean.plan);
  const firsts = await exploration.singles(clean.sites);
  const pairs = pairsAfter(firsts, effort.pairsOf);
  const chosen = drawn(pairs, clean.sites, effort);
  for (const faults of chosen) await exploration.play(faults, 'once');
  return {
    scenario,
    clean,
    matrix: exploration.matrix,
    singles: exploration.cases - chosen.length,
    pairs: chosen.length,
    pairsThereAre: pairs.length,
    failures: exploration.failures,
    failing: exploration.failing,
    commandsMost: exploration.commandsMost,
    tookMsMost: exploration.tookMsMost,
  };
}

/** A fault, and the places a run came to that met it. */
interface First {
  readonly fault: Fault;
  readonly sites: readonly Site[];
}

class Exploration {
  readonly matrix = new Matrix();
  readonly failing: CaseOptions[] = [];
  failures = 0;
  cases = 0;
  commandsMost = 0;
  tookMsMost = 0;

  constructor(
    private readonly scenario: Scenario,
    private readonly plan: Proposal | undefined,
  ) {}

  async singles(sites: readonly Site[]): Promise<First[]> {
    const firsts: First[] = [];
    for (const site of worthFaulting(sites)) {
      for (const name of faultsAt(site)) {
        const fault = { site, name };
        firsts.push({ fault, sites: (await this.play([fault], 'played again')).sites });
      }
    }
    return firsts;
  }

  async play(faults: readonly Fault[], again: 'played again' | 'once'): Promise<PlayedCase> {
    const options = { scenario: this.scenario, faults, plan: this.plan };
    const played = await playCase({ ...options, again });
    this.cases += 1;
    this.commandsMost = Math.max(this.commandsMost, played.commands);
    this.tookMsMost = Math.max(this.tookMsMost, played.tookMs);
    for (const fault of faults) this.matrix.planned(fault);
    for (const fault of faults) if (!played.missed.includes(fault)) this.matrix.hit(fault);
    this.judge(options, played);
    return played;
  }

  private judge(options: CaseOptions, played: PlayedCase): void {
    if (played.broken.length === 0 && played.missed.length === 0) return;
    this.failures += 1;
    if (this.failing.length < failingMax) this.failing.push(options);
  }
}

/** By the seed; first of all those at a sort of place that only a fault leads to, up to half of what there is room for. */
function drawn(pairs: readonly Fault[][], clean: readonly Site[], effort: Effort): Fault[][] {
  const usual = new Set(clean.map(({ kind }) => kind));
  const inOrder = shuffled(pairs, effort.seed);
  const rare = inOrder.filter((pair) => pair.some(({ site }) => !usual.has(site.kind)));
  const first = rare.slice(0, Math.ceil(effort.pairsMax / 2));
  const chosen = new Set([...first, ...inOrder]);
  return [...chosen].slice(0, effort.pairsMax);
}

/** Both faults are met in each: the second is put where a run with the first one came afterwards, or to the same place. */
function pairsAfter(firsts: readonly First[], of: Effort['pairsOf']): Fault[][] {
  const wanted = (names: readonly Fault['name'][]): readonly Fault['name'][] =>
    of === 'every fault' ? names : standingFor(names);
  return firsts.flatMap(({ fault, sites }) => {
    if (wanted([fault.name]).length === 0) return [];
    const place = sites.findIndex(({ key }) => key === fault.site.key);
    const later = worthFaulting(sites).filter((site) => sites.indexOf(site) >= place);
    return later.flatMap((site) => {
      const names = wanted(faultsAt(site)).filter((name) => {
        return site.key !== fault.site.key || name > fault.name;
      });
      return names.map((name) => [fault, { site, name }]);
    });
  });
}
