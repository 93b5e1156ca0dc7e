/** One alert of the prober: fires when its condition held for a while, resolves when it ends. Pure: whoever asks brings the time. */
import { createHash } from 'node:crypto';

/** An alert as Alertmanager's webhook, version 4, carries it. */
export interface WebhookAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
  readonly fingerprint: string;
}

const holdsForMs = 2_000;
const repeatEveryMs = 6_000;
/** What Alertmanager says while an alert fires. */
const noEnd = '0001-01-01T00:00:00Z';

export class WatchedAlert {
  private heldSinceMs: number | undefined;
  private firingSinceMs: number | undefined;
  private sentAtMs = Number.NEGATIVE_INFINITY;
  private unsentEnd: WebhookAlert | undefined;

  constructor(
    readonly labels: Readonly<Record<string, string>>,
    private readonly summary: string,
  ) {}

  /** What is to be sent now, if anything; it is asked for again until `sent` is told. */
  look(nowMs: number, { holds }: { readonly holds: boolean }): WebhookAlert | undefined {
    this.move(nowMs, holds);
    if (this.unsentEnd !== undefined) return this.unsentEnd;
    const isDue = nowMs - this.sentAtMs >= repeatEveryMs;
    return isDue ? this.firing() : undefined;
  }

  sent(nowMs: number, { status }: WebhookAlert): void {
    if (status === 'resolved') this.unsentEnd = undefined;
    else this.sentAtMs = nowMs;
  }

  /** The alert while it fires. */
  firing(): WebhookAlert | undefined {
    if (this.firingSinceMs === undefined) return undefined;
    return this.worded('firing', this.firingSinceMs, noEnd);
  }

  private move(nowMs: number, holds: boolean): void {
    if (holds) {
      this.heldSinceMs ??= nowMs;
      if (nowMs - this.heldSinceMs >= holdsForMs) this.firingSinceMs ??= nowMs;
      return;
    }
    if (this.firingSinceMs !== undefined) {
      const endsAt = new Date(nowMs).toISOString();
      this.unsentEnd = this.worded('resolved', this.firingSinceMs, endsAt);
    }
    this.heldSinceMs = undefined;
    this.firingSinceMs = undefined;
    this.sentAtMs = Number.NEGATIVE_INFINITY;
  }

  private worded(status: WebhookAlert['status'], sinceMs: number, endsAt: string): WebhookAlert {
    const fingerprint = createHash('sha256').update(JSON.stringify(this.labels)).digest('hex');
    return {
      status,
      labels: this.labels,
      annotations: { summary: this.summary },
      startsAt: new Date(sinceMs).toISOString(),
      endsAt,
      generatorURL: '',
      fingerprint: fingerprint.slice(0, 16),
    };
  }
}
