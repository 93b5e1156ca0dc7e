/** What the guards of every store must count, whatever keeps it: on PostgreSQL and on the one in memory that stories are played on. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { OutcomeKind } from '../../../workflows/domain/outcome.js';
import type { Reason } from '../../../workflows/domain/reason.js';
import { hours, minutes, seconds } from '../../../workflows/domain/time.js';
import type { Judgement, JudgeInput, RecordInput } from '../../../workflows/store.js';
import type { GuardsPlan } from '../../support/story/guards.js';
import { entry, judging, lastOf, refOf } from '../contract/fixture.js';

export interface GuardedStore {
  record(input: RecordInput): Promise<unknown>;
  consider(input: JudgeInput): Promise<Judgement>;
  admit(input: JudgeInput): Promise<Judgement>;
  /** Unix milliseconds, by the clock it counts by. */
  now(): number;
  /** So much time passes. */
  later(durationMs: number): Promise<void>;
}

export type OpenGuarded = (plan: GuardsPlan) => Promise<GuardedStore>;

/** Everything is off but what a test is about. */
const off = ['recurring: off', 'storm: off', 'dependency: off', 'blastRadius: off', 'breaker: off'];

/** Rules of which only these are on, and what the fleet is. */
export function only(rule: string, fleet?: string): GuardsPlan {
  const name = rule.split(':')[0] ?? '';
  const rules = [rule, ...off.filter((line) => !line.startsWith(`${name}:`))].join('\n');
  return { rules, ...(fleet === undefined ? {} : { fleet }) };
}

interface Wish {
  readonly service?: string;
  readonly targets?: readonly string[];
  readonly trigger?: string;
  /** 0 takes a repair back. */
  readonly round?: number;
}

/** Runs by their names, against a store whose guards are these. */
class Ground {
  constructor(readonly store: GuardedStore) {}

  async opens(run: string, service: string): Promise<void> {
    await this.record(run, service, [entry(`${run} begins`, { kind: 'opened' })]);
  }

  /** The reason of the gate that did not let it in, or `in`. */
  async admits(run: string, wish: Wish = {}): Promise<Reason | 'in'> {
    return saying(await this.store.admit(this.input(run, wish)));
  }

  async considers(run: string, wish: Wish = {}): Promise<Reason | 'in'> {
    return saying(await this.store.consider(this.input(run, wish)));
  }

  async verdict(run: string, wish: Wish = {}) {
    return lastOf(await this.store.consider(this.input(run, wish)))?.verdict;
  }

  /** Has its outcome, and gives its leases back; a resolved one is watched until it is closed. */
  async ends(run: string, outcome: OutcomeKind, service = 'shop'): Promise<void> {
    const reason = outcome === 'resolved' ? {} : { reason: 'not-confirmed' as const };
    const line = entry(`${outcome}: so it went`, { kind: 'outcome', outcome, ...reason });
    await this.record(run, service, [line]);
    if (outcome !== 'resolved') await this.closes(run, service);
  }

  async closes(run: string, service = 'shop'): Promise<void> {
    await this.record(run, service, [entry('closed', { kind: 'closed' })]);
  }

  async quarantines(run: string, target: string, service = 'shop'): Promise<void> {
    const line = entry('stuck: so it went', { kind: 'outcome', outcome: 'stuck' });
    const quarantine = { targets: [target], why: 'its undo failed' };
    await this.store.record({ ...this.pages(run, service, [line]), quarantine });
    await this.closes(run, service);
  }

  private async record(
    run: string,
    service: string,
    entries: RecordInput['entries'],
  ): Promise<void> {
    const release = entries.some(({ kind }) => kind === 'outcome' || kind === 'closed');
    await this.store.record({ ...this.pages(run, service, entries), release });
  }

  private pages(run: string, service: string, entries: RecordInput['entries']): RecordInput {
    const atMs = this.store.now();
    return {
      ...refOf(run, service),
      entries: entries.map((line) => ({ ...line, atMs })),
      notices: [],
    };
  }

  private input(run: string, wish: Wish): JudgeInput {
    const { service = 'shop', targets = [`process:h/${run}`], trigger = 'alert', round = 1 } = wish;
    const ref = refOf(run, service);
    const startsAt = new Date(this.store.now()).toISOString();
    const asked = judging(run, targets, { ...ref, trigger, nowMs: this.store.now() });
    return {
      ...asked,
      alert: { ...ref.alert, startsAt },
      proposal: { ...asked.proposal, round },
    };
  }
}

function saying(judgement: Judgement): Reason | 'in' {
  const verdict = lastOf(judgement)?.verdict;
  return verdict === undefined || verdict.kind === 'pass' ? 'in' : verdict.reason;
}

const zoned = ['a', 'b', 'c', 'd'].map((name) => `${name}: { zone: z }`).join('\n');

export function describeGuards(name: string, open: OpenGuarded): void {
  describe(name, () => {
    let ground: Ground;
    const given = (plan: GuardsPlan) =>
      beforeEach(async () => {
        ground = new Ground(await open(plan));
      });

    describe('recurring', () => {
      given(only('recurring: { max: 3, within: 1h }'));

      test('refuses the fourth repair of a service within the hour, and no other service', async () => {
        for (const run of ['r1', 'r2', 'r3']) {
          expect(await ground.admits(run)).toBe('in');
          await ground.ends(run, 'resolved');
        }
        expect(await ground.considers('r4')).toBe('recurring');
        expect(await ground.admits('r4')).toBe('recurring');
        expect(await ground.admits('r5', { service: 'cart' })).toBe('in');
        expect(await ground.admits('r6', { trigger: 'person:ana' })).toBe('in');
        expect(await ground.admits('r3', { round: 0 })).toBe('in');
        await ground.store.later(hours(1) + 1_000);
        expect(await ground.admits('r7')).toBe('in');
      });
    });

    describe('rate', () => {
      given(only('rate: { restart: { max: 2, within: 1m } }'));

      test('holds the third action of a class within the minute, and counts a step once', async () => {
        expect(await ground.admits('r1')).toBe('in');
        expect(await ground.admits('r1')).toBe('in');
        expect(await ground.admits('r2')).toBe('in');
        expect(await ground.verdict('r3')).toMatchObject({ kind: 'hold', reason: 'rate-limited' });
        expect(await ground.admits('r3')).toBe('rate-limited');
        const many = { targets: ['process:h/x', 'process:h/y', 'process:h/z'] };
        expect(await ground.verdict('r4', many)).toMatchObject({ kind: 'refuse' });
        await ground.store.later(minutes(1) + 1_000);
        expect(await ground.admits('r3')).toBe('in');
      });
    });

    describe('risk', () => {
      given(only('risk: { points: 5, within: 1h, costs: { restart: 2 } }'));

      test('refuses what takes more points than are left, over all services', async () => {
        expect(await ground.admits('r1')).toBe('in');
        expect(await ground.admits('r2', { service: 'cart' })).toBe('in');
        expect(await ground.admits('r3', { service: 'mail' })).toBe('risk-spent');
        await ground.store.later(hours(1) + 1_000);
        expect(await ground.admits('r3', { service: 'mail' })).toBe('in');
      });
    });

    describe('the blast radius of a service', () => {
      given(
        only('blastRadius: { service: { share: 50% } }', 'shop: { instances: 6, minHealthy: 4 }'),
      );

      test('holds what is too much beside others, and lets it in once they gave back', async () => {
        const two = { targets: ['process:h/1', 'process:h/2'] };
        expect(await ground.admits('r1', two)).toBe('in');
        expect(await ground.verdict('r2')).toMatchObject({ kind: 'hold', reason: 'blast-radius' });
        expect(await ground.admits('r1', two)).toBe('in');
        await ground.ends('r1', 'resolved');
        expect(await ground.admits('r2')).toBe('in');
        const four = { targets: [1, 2, 3, 4].map((at) => `process:h/${at}`) };
        expect(await ground.verdict('r3', four)).toMatchObject({ kind: 'refuse' });
      });

      test('counts what is quarantined, and runs that wait from before, as unhealthy', async () => {
        await ground.opens('r1', 'shop');
        await ground.quarantines('r1', 'process:h/1');
        expect(await ground.considers('r2')).toBe('in');
        await ground.opens('r3', 'shop');
        await ground.store.later(seconds(5));
        await ground.opens('r4', 'shop');
        expect(await ground.considers('r4')).toBe('blast-radius');
        expect(await ground.considers('r3')).toBe('in');
      });
    });

    describe('the blast radius of zones and the fleet', () => {
      const fleet = 'shop: { zone: a }\ncart: { zone: a }\nmail: { zone: b }\ndb: { zone: b }';
      given(
        only(
          'blastRadius: { zone: { runs: 1 }, fleet: { targets: 2 }, zonesAtOnce: 2 }',
          `${fleet}\nweb: { zone: c }`,
        ),
      );

      test('is one for each zone, and one for all', async () => {
        expect(await ground.admits('r1', { service: 'shop' })).toBe('in');
        expect(await ground.admits('r2', { service: 'cart' })).toBe('blast-radius');
        expect(await ground.admits('r3', { service: 'mail' })).toBe('in');
        expect(await ground.admits('r4', { service: 'web' })).toBe('blast-radius');
        await ground.ends('r1', 'resolved');
        expect(await ground.admits('r2', { service: 'cart' })).toBe('in');
      });
    });

    describe('the breaker', () => {
      given(only('breaker: { target: off, action: { failures: 3, retryAfter: 30m } }'));
      const fails = async (...runs: string[]) => {
        for (const run of runs) {
          expect(await ground.admits(run)).toBe('in');
          await ground.ends(run, 'undone');
        }
      };

      test('opens after three bad attempts in a row, lets one in after a while, and closes by it', async () => {
        await fails('r1', 'r2', 'r3');
        expect(await ground.verdict('r4')).toMatchObject({
          kind: 'refuse',
          reason: 'breaker-open',
        });
        await ground.store.later(minutes(31));
        expect(await ground.admits('r5')).toBe('in');
        expect(await ground.verdict('r6')).toMatchObject({ kind: 'hold', reason: 'breaker-open' });
        await ground.ends('r5', 'resolved');
        expect(await ground.admits('r6')).toBe('in');
      });

      test('opens anew by a bad probe', async () => {
        await fails('r1', 'r2', 'r3');
        await ground.store.later(minutes(31));
        await fails('r5');
        expect(await ground.verdict('r6')).toMatchObject({
          kind: 'refuse',
          reason: 'breaker-open',
        });
      });

      test('is closed while one in between was well, and takes what was withheld for no attempt', async () => {
        await fails('r1', 'r2');
        expect(await ground.admits('r3')).toBe('in');
        await ground.ends('r3', 'resolved');
        await fails('r4', 'r5');
        await ground.ends('r6', 'withheld');
        expect(await ground.admits('r7')).toBe('in');
      });
    });

    describe('a breaker by target', () => {
      given(only('breaker: { target: { failures: 1, retryAfter: 30m }, action: off }'));

      test('is of one target, and not of the others', async () => {
        const same = { targets: ['process:h/same'] };
        expect(await ground.admits('r1', same)).toBe('in');
        await ground.ends('r1', 'unresolved');
        expect(await ground.admits('r2', same)).toBe('breaker-open');
        expect(await ground.admits('r3')).toBe('in');
      });
    });

    describe('storm', () => {
      const rule =
        'storm: { above: 50%, endsAt: 25%, sickMin: 2, releasePerMinute: 1, releaseFor: 10m }';
      given(only(rule, zoned));
      const stormy = async () => {
        for (const service of ['a', 'b', 'c']) await ground.opens(`run-${service}`, service);
      };

      test('is on above its share, ends at a lower one, and lets in one a minute afterwards', async () => {
        await ground.opens('run-a', 'a');
        await ground.opens('run-b', 'b');
        expect(await ground.considers('run-a', { service: 'a' })).toBe('in');
        await ground.opens('run-c', 'c');
        expect(await ground.verdict('run-a', { service: 'a' })).toMatchObject({
          kind: 'hold',
          reason: 'storm',
        });
        expect(await ground.admits('run-a', { service: 'a' })).toBe('storm');
        await ground.ends('run-c', 'resolved', 'c');
        expect(await ground.admits('run-a', { service: 'a' })).toBe('storm');
        await ground.ends('run-b', 'resolved', 'b');
        expect(await ground.admits('run-a', { service: 'a' })).toBe('in');
        expect(await ground.admits('run-d', { service: 'd' })).toBe('storm');
        await ground.store.later(minutes(1));
        expect(await ground.admits('run-d', { service: 'd' })).toBe('in');
        expect(await ground.admits('run-e', { service: 'd' })).toBe('storm');
        await ground.ends('run-a', 'resolved', 'a');
        await ground.ends('run-d', 'resolved', 'd');
        await ground.store.later(minutes(10));
        expect(await ground.admits('run-e', { service: 'd' })).toBe('in');
        expect(await ground.admits('run-f', { service: 'd' })).toBe('in');
      });

      test('counts a service that was repaired in vain as sick for ten minutes more', async () => {
        await stormy();
        expect(await ground.considers('run-a', { service: 'a' })).toBe('storm');
        await ground.ends('run-b', 'unresolved', 'b');
        await ground.ends('run-c', 'withheld', 'c');
        expect(await ground.considers('run-a', { service: 'a' })).toBe('storm');
        await ground.store.later(minutes(11));
        expect(await ground.considers('run-a', { service: 'a' })).toBe('in');
      });

      test('says nothing of services that are not of the zone', async () => {
        await stormy();
        expect(await ground.considers('run-x', { service: 'shop' })).toBe('in');
      });
    });

    describe('dependency', () => {
      given(
        only('dependency: on', 'db: {}\nshop: { dependsOn: [db] }\nweb: { dependsOn: [shop] }'),
      );

      test('waits for the run of what it stands on, and a minute more, by way of others too', async () => {
        await ground.opens('run-db', 'db');
        const web = { service: 'web' };
        expect(await ground.verdict('run-web', web)).toMatchObject({
          kind: 'hold',
          reason: 'dependency-sick',
          why: expect.stringContaining('run-db'),
        });
        expect(await ground.admits('run-db', { service: 'db' })).toBe('in');
        await ground.ends('run-db', 'resolved', 'db');
        expect(await ground.admits('run-web', web)).toBe('dependency-sick');
        await ground.store.later(minutes(1) + 1_000);
        expect(await ground.admits('run-web', web)).toBe('in');
        expect(await ground.considers('run-db-2', { service: 'db' })).toBe('in');
      });
    });
  });
}
