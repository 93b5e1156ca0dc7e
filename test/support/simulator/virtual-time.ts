/** A clock that only moves when nothing else can happen; the same story always takes the same virtual time. */

interface Alarm {
  readonly atMs: number;
  readonly order: number;
  readonly ring: () => void;
}

export class VirtualTime {
  private alarms: Alarm[] = [];
  private orders = 0;

  constructor(private currentMs: number) {}

  now(): number {
    return this.currentMs;
  }

  /** Calls `ring` at the time given, or at once when it is past; returns how to take the alarm back. */
  at(atMs: number, ring: () => void): () => void {
    const alarm = { atMs, order: (this.orders += 1), ring };
    this.alarms.push(alarm);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== alarm);
    };
  }

  sleep(durationMs: number): Promise<void> {
    return new Promise((wake) => this.at(this.currentMs + durationMs, wake));
  }

  /** Lets everything happen up to and including `untilMs`, then stands there. */
  async advanceTo(untilMs: number): Promise<void> {
    await settle();
    for (;;) {
      const next = this.earliest();
      if (next === undefined || next.atMs > untilMs) break;
      this.alarms = this.alarms.filter((alarm) => alarm !== next);
      this.currentMs = Math.max(this.currentMs, next.atMs);
      next.ring();
      await settle();
    }
    this.currentMs = Math.max(this.currentMs, untilMs);
  }

  /** Lets time pass until the work is done; rejects when everything waits and nothing is to come. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    await settle();
    while (!ended) {
      const next = this.earliest();
      if (next === undefined) throw new Error('everything waits and nothing is to come');
      await this.advanceTo(next.atMs);
    }
    return work;
  }

  private earliest(): Alarm | undefined {
    return this.alarms.reduce<Alarm | undefined>((first, alarm) => {
      if (first === undefined || alarm.atMs < first.atMs) return alarm;
      return alarm.atMs === first.atMs && alarm.order < first.order ? alarm : first;
    }, undefined);
  }
}

/** Nothing in the simulator waits on the outside, so one turn of the loop ends every promise that can end. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
