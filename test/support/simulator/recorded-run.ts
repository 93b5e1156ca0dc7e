/**
 * One run as a server keeps it: a history of commands and answers, an inbox, and a story that can be dropped and played again
 * from the history at any moment. Knows no faults and no world; whoever drives it does what is asked.
 */
import type { Call } from '../../../workflows/actions/action.js';
import type { Message, Unintelligible } from '../../../workflows/messages.js';
import { parseMessage } from '../../../workflows/messages.js';
import type { Effect, Effected, Runtime, RunStatus } from '../../../workflows/runtime.js';
import type { VirtualTime } from './virtual-time.js';

export type Answer =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'thrown'; readonly thrown: Error };

/** `replay`: the worker dies once the answer is kept. `lose-task`: it dies with every short call since the last record. */
export interface Finished {
  readonly answer: Answer;
  readonly then?: 'replay' | 'lose-task';
}

export interface AskedCall {
  readonly call: Call<unknown, unknown>;
  /** The input as JSON: nothing is shared over the border. */
  readonly text: string;
  readonly says: string;
}

export interface AskedEffect extends AskedCall {
  readonly operationId: string;
}

/** Does what a story asks. */
export interface Driver {
  ask(asked: AskedCall): Promise<Finished>;
  act(asked: AskedEffect): Promise<Finished>;
  /** A pause begins; how much later than asked it ends, and whether the worker dies meanwhile. */
  pause(kind: 'timer' | 'wait', says: string): { readonly lateMs: number; readonly dies: boolean };
}

type Arrived = Message | Unintelligible;

interface HistoryEvent {
  readonly seq: number;
  atMs: number;
  readonly answer: Answer;
}

/** More commands than any bounded run makes. */
const commandsMax = 20_000;
/** How long a lost workflow task takes to be given to another worker. */
const taskTimeoutMs = 10_000;

export class RecordedRun<Report> {
  /** Where a replay asked for something else than the history holds; empty when it is deterministic. */
  readonly strayed: string[] = [];
  readonly commands: string[] = [];
  readonly history: HistoryEvent[] = [];
  readonly inbox: Arrived[] = [];
  readonly report: Promise<Report>;
  private readonly ordinals = new Map<string, number>();
  private readonly live = new Map<number, 'short' | 'long'>();
  private recorded = { events: 0, commands: 0 };
  deliveredMost = 0;
  private longSinceRecord = false;
  private startedMs: number;
  private told: Told<Report> | undefined;
  private wake: (() => void) | undefined;
  private end: (report: Report) => void = () => undefined;
  private fail: (why: unknown) => void = () => undefined;

  constructor(
    readonly id: string,
    readonly time: VirtualTime,
    private readonly given: {
      readonly driver: Driver;
      readonly story: (runtime: Runtime) => Promise<Report>;
    },
  ) {
    this.startedMs = time.now();
    this.report = new Promise((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
  }

  /** The first worker takes the run. */
  start(): void {
    this.tellAnew();
  }

  get driver(): Driver {
    return this.given.driver;
  }

  /** What a person or the intake does from outside; it is there before any worker knows. */
  send(signal: string, payload?: unknown): void {
    const ordinal = this.ordinals.get(signal) ?? 0;
    this.ordinals.set(signal, ordinal + 1);
    this.inbox.push(parseMessage({ signal, ordinal, atMs: this.time.now(), payload }));
    this.wake?.();
  }

  /** The worker dies and another plays the history; answers that are under way come to it. */
  replay(): void {
    this.tellAnew();
  }

  /** True when a worker that dies now loses short calls only: neither effect nor timer was begun since the last record. */
  mayLoseTask(): boolean {
    return !this.longSinceRecord;
  }

  /** Plays the whole history once more to a story that can ask for nothing new; resolves to what it reports. */
  async playedAgain(): Promise<Report> {
    const told = new Told<Report>(this, this.startedMs, true);
    const report = this.given.story(told);
    report.catch(() => undefined);
    this.deliver(told);
    return this.time.until(report);
  }

  /** A telling has come so far. */
  heard(count: number): void {
    this.deliveredMost = Math.max(this.deliveredMost, count);
  }

  /** A mistake of whoever drives it: no answer a story could make anything of. */
  crash(why: unknown): void {
    this.fail(why);
  }

  begin(seq: number, command: { signature: string; size: 'short' | 'long' }): void {
    if (seq >= commandsMax) throw new Error('the run asks without end');
    this.commands.push(command.signature);
    this.live.set(seq, command.size);
    const shortOnes = [...this.live.values()].filter((size) => size === 'short').length;
    if (command.size === 'short') return;
    this.longSinceRecord = shortOnes > 0;
    if (shortOnes > 0) return;
    this.recorded = { events: this.told?.delivered ?? 0, commands: this.commands.length };
  }

  /** The answer is kept, and told in its turn. */
  async finished(seq: number, work: () => Promise<Finished>): Promise<void> {
    const { answer, then } = await work();
    if (!this.live.has(seq)) return;
    if (then === 'lose-task') {
      // a step side by side may have been begun meanwhile: then the task is on record, and only this call is made again
      if (!this.mayLoseTask()) return this.finished(seq, work);
      this.loseTask();
      return;
    }
    this.live.delete(seq);
    this.history.push({ seq, atMs: this.time.now(), answer });
    if (then === 'replay') this.tellAnew();
    else if (this.told !== undefined) this.deliver(this.told);
  }

  /** Resolves with the next message, or undefined at `untilMs`; looks last at the inbox. */
  async nextMessage(untilMs: number): Promise<Arrived | undefined> {
    if (this.inbox.length === 0 && untilMs > this.time.now()) {
      await new Promise<void>((resolve) => {
        const takeBack = this.time.at(untilMs, resolve);
        this.wake = () => {
          takeBack();
          resolve();
        };
      });
      this.wake = undefined;
    }
    return this.inbox.shift();
  }

  private tellAnew(): void {
    this.drop();
    const told = new Told<Report>(this, this.startedMs, false);
    this.told = told;
    const isCurrent = (): boolean => this.told === told;
    this.given.story(told).then(
      (report) => {
        if (isCurrent()) this.end(report);
      },
      (why: unknown) => {
        if (isCurrent()) this.fail(why);
      },
    );
    this.deliver(told);
  }

  /** A telling nobody listens to any more says nothing and hears nothing. */
  private drop(): void {
    if (this.told !== undefined) this.told.isDropped = true;
    this.told = undefined;
  }

  /** One answer at a time; the story comes to rest before the next. */
  private deliver(told: Told<Report>): void {
    if (told.isDelivering) return;
    const one = (): void => {
      const event = this.history[told.delivered];
      told.isDelivering = event !== undefined;
      if (event === undefined || told.isDropped) return;
      told.hear(event);
      this.time.at(this.time.now(), one);
    };
    told.isDelivering = true;
    this.time.at(this.time.now(), one);
  }

  private loseTask(): void {
    const { events, commands } = this.recorded;
    const kept = this.history.filter(({ seq }, place) => place < events || seq < commands);
    const forgotten = this.history.splice(0).filter((event) => !kept.includes(event));
    this.history.push(...kept);
    const messages = forgotten.flatMap(({ seq, answer }) => {
      const taken = this.commands[seq]?.startsWith('next') === true && answer.kind === 'value';
      return taken && answer.value !== undefined ? [answer.value as Arrived] : [];
    });
    this.inbox.unshift(...messages);
    this.commands.length = commands;
    this.deliveredMost = Math.min(this.deliveredMost, events);
    for (const seq of [...this.live.keys()]) if (seq >= commands) this.live.delete(seq);
    this.drop();
    this.time.at(this.time.now() + taskTimeoutMs, () => this.takeUpLostTask());
  }

  /** The lost task is tried again: its clock is that of the new attempt. */
  private takeUpLostTask(): void {
    const last = this.history.at(-1);
    if (last === undefined) this.startedMs = this.time.now();
    else last.atMs = this.time.now();
    this.tellAnew();
  }
}

/** The Runtime of one telling of the story: asks the history first, and only what is new of the driver. */
class Told<Report> implements Runtime {
  readonly id: string;
  delivered = 0;
  isDelivering = false;
  isDropped = false;
  private issued = 0;
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  /** So many answers were heard by an earlier telling: up to there nothing new may be asked. */
  private readonly past: number;

  constructor(
    private readonly run: RecordedRun<Report>,
    private clockMs: number,
    private readonly closed: boolean,
  ) {
    this.id = run.id;
    this.past = closed ? run.history.length : run.deliveredMost;
  }

  now(): number {
    return this.clockMs;
  }

  hear({ seq, atMs, answer }: HistoryEvent): void {
    this.delivered += 1;
    this.run.heard(this.delivered);
    this.clockMs = atMs;
    const listener = this.waiting.get(seq);
    if (listener === undefined) this.run.strayed.push(`nothing waits for answer ${seq}`);
    listener?.(answer);
  }

  async ask<Input, Output>(call: Call<Input, Output>, input: Input, says: string): Promise<Output> {
    const text = JSON.stringify(input);
    const asked = { call, text, says };
    const answer = await this.command({
      signature: `ask ${call.name} ${text}`,
      size: 'short',
      work: () => this.run.driver.ask(asked),
    });
    return answer as Output;
  }

  async act<Input, Output>(effect: Effect<Input, Output>): Promise<Effected<Output>> {
    const { call, operationId, says } = effect;
    const text = JSON.stringify(effect.input);
    const answer = await this.command({
      signature: `act ${operationId} ${text}`,
      size: 'long',
      work: () => this.run.driver.act({ call, text, operationId, says }),
    });
    return answer as Effected<Output>;
  }

  async sleep(durationMs: number, says: string): Promise<void> {
    const { time } = this.run;
    await this.command({
      signature: `sleep ${durationMs}`,
      size: 'long',
      work: () =>
        this.paused('timer', says, async () => {
          await time.sleep(durationMs);
          return undefined;
        }),
    });
  }

  async next(untilMs: number, says: string): Promise<Arrived | undefined> {
    const waits = this.run.inbox.length === 0 && untilMs > this.now();
    const look = (): Promise<Arrived | undefined> => this.run.nextMessage(untilMs);
    const answer = await this.command({
      signature: `next ${untilMs}`,
      size: waits ? 'long' : 'short',
      work: async () => {
        if (waits) return this.paused('wait', says, look);
        return { answer: { kind: 'value', value: await look() } };
      },
    });
    return answer as Arrived | undefined;
  }

  show(_status: RunStatus): void {
    // what people see plays no part in what happens
  }

  private async paused(
    kind: 'timer' | 'wait',
    says: string,
    pass: () => Promise<unknown>,
  ): Promise<Finished> {
    const { time, driver } = this.run;
    const { lateMs, dies } = driver.pause(kind, says);
    if (dies) time.at(time.now(), () => this.run.replay());
    const value = await pass();
    if (lateMs > 0) await time.sleep(lateMs);
    return { answer: { kind: 'value', value } };
  }

  private command(asked: {
    readonly signature: string;
    readonly size: 'short' | 'long';
    readonly work: () => Promise<Finished>;
  }): Promise<unknown> {
    if (this.isDropped) return new Promise(() => undefined);
    const seq = this.issued;
    this.issued += 1;
    const known = this.run.commands[seq];
    const answered = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(seq, (answer) => {
        if (answer.kind === 'value') resolve(answer.value);
        else reject(answer.thrown);
      });
    });
    if (known !== undefined) {
      if (known !== asked.signature) this.stray(seq, known, asked.signature);
      return answered;
    }
    if (this.closed || this.delivered < this.past) this.stray(seq, 'nothing', asked.signature);
    this.run.begin(seq, asked);
    this.run.finished(seq, asked.work).catch((why: unknown) => this.run.crash(why));
    return answered;
  }

  private stray(seq: number, was: string, is: string): never {
    const why = `command ${seq} was ${was.slice(0, 300)} and is ${is.slice(0, 300)}`;
    this.run.strayed.push(why);
    throw new Error(why);
  }
}
