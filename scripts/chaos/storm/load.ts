/** Breaks services of the fleet and raises the alerts for it, at a pace and within a backlog. Repairs nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../../activities/store/db.js';
import type { Chance } from '../rig/chance.js';
import { fleetSize, needsOf, serviceName, type Fault } from '../world/fleet.js';
import type { FleetClient } from '../world/fleet-client.js';
import { episodeOf, type Episode } from './alerts.js';
import type { Sender } from './sender.js';

export interface LoadOptions {
  readonly chance: Chance;
  readonly fleet: FleetClient;
  readonly sender: Sender;
  readonly db: Db;
  readonly runs: number;
  readonly perSecond: number;
  readonly untilMs: number;
}

/** Episodes without an outcome: more, and their alerts would grow stale before their turn. */
const backlogMax = 150;
const sendsMax = 100;
/** Few services break often, so that runs meet at one target. */
const hotServices = 40;

export class Load {
  posted = 0;
  private readonly later = new Set<Promise<void>>();
  private ended = 0;

  constructor(private readonly options: LoadOptions) {}

  /** Resolves when all were raised or the time is up. */
  async run(): Promise<void> {
    const { runs, untilMs, perSecond, chance } = this.options;
    const counting = setInterval(() => void this.count(), 1_000);
    while (this.posted < runs && Date.now() < untilMs) {
      if (this.isFull()) {
        await sleep(100);
        continue;
      }
      const episodes = await this.broken();
      this.raise(episodes);
      await sleep((episodes.length * 1_000 * chance.between(0.5, 1.5)) / perSecond);
    }
    clearInterval(counting);
    await Promise.all(this.later);
  }

  private isFull(): boolean {
    const { sender } = this.options;
    return this.posted - this.ended > backlogMax || sender.waiting > sendsMax;
  }

  private async count(): Promise<void> {
    try {
      const { count } = await this.options.db
        .selectFrom('runs')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('outcome', 'is not', null)
        .executeTakeFirstOrThrow();
      this.ended = count;
    } catch {
      return; // PostgreSQL is down just now: the last count holds
    }
  }

  /** One fault, and the alerts that it raises: its own, a second monitor's, those of services that stand on it. */
  private async broken(): Promise<Episode[]> {
    const { chance, fleet } = this.options;
    const index = chance.happens(0.3)
      ? chance.whole(0, hotServices)
      : chance.whole(0, fleetSize - 1);
    const service = serviceName(index);
    const fault: Fault = chance.happens(0.6) ? 'down' : 'amplifying';
    await fleet.break(service, fault);
    const episodes = [episodeOf({ service, fault, monitor: 'probe' })];
    if (chance.happens(0.1)) episodes.push(episodeOf({ service, fault, monitor: 'edge' }));
    const above = dependents(index);
    if (fault === 'down' && above.length > 0 && chance.happens(0.3)) {
      const service = serviceName(chance.pick(above)); // its probe fails too, though it runs itself
      episodes.push(episodeOf({ service, fault, monitor: 'probe' }));
    }
    return episodes.slice(0, this.options.runs - this.posted);
  }

  private raise(episodes: readonly Episode[]): void {
    const { chance, sender } = this.options;
    this.posted += episodes.length;
    sender.send(episodes, 'firing');
    if (chance.happens(0.3))
      this.after(chance.between(100, 8_000), () => sender.send(episodes, 'firing'));
    if (chance.happens(0.3))
      this.after(chance.between(2_000, 30_000), () => this.resolve(episodes));
  }

  /** A monitor says that an alert is over only when it is. */
  private async resolve(episodes: readonly Episode[]): Promise<void> {
    const { fleet, sender } = this.options;
    for (const episode of episodes) {
      const { well, errorRatio } = await fleet.see(episode.service);
      if (well && errorRatio === 0) sender.send([episode], 'resolved');
    }
  }

  private after(delayMs: number, work: () => void | Promise<void>): void {
    const later = sleep(delayMs).then(work);
    this.later.add(later);
    void later.finally(() => this.later.delete(later));
  }
}

function dependents(index: number): number[] {
  return Array.from({ length: fleetSize }, (_, number) => number).filter((number) => {
    return needsOf(number).includes(index);
  });
}
