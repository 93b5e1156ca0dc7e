/** Posts as Alertmanager does: again and again on 5xx and broken connections, to either intake, and notes what was acknowledged. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bodyOf, type Episode, type Status } from './alerts.js';

/** A transition that the intake answered 202 for. */
export interface Acknowledged {
  readonly fingerprint: string;
  readonly startsAt: string;
  readonly status: Status;
  readonly atMs: number;
}

export interface SenderOptions {
  readonly urls: readonly string[];
  readonly token: string;
  /** Asked before every attempt: once true, what was not acknowledged is given up, which is no loss. */
  readonly givesUp: () => boolean;
}

const patienceMs = 10_000;
const againAfterMs = 300;
const againAfterMsMax = 3_000;

export class Sender {
  readonly acknowledged: Acknowledged[] = [];
  /** Requests sent again because no 202 came. */
  retries = 0;
  /** Answers that told us never to come again: a bug in one of the two. */
  readonly refused: string[] = [];
  private readonly atWork = new Set<Promise<void>>();

  constructor(private readonly options: SenderOptions) {}

  /** Requests that wait for their 202. */
  get waiting(): number {
    return this.atWork.size;
  }

  /** Begins and lets go; ends by itself with a 202 or when it is given up. */
  send(episodes: readonly Episode[], status: Status): void {
    const work = this.untilAcknowledged(episodes, status);
    this.atWork.add(work);
    void work.finally(() => this.atWork.delete(work));
  }

  async idle(): Promise<void> {
    while (this.atWork.size > 0) await Promise.all(this.atWork);
  }

  private async untilAcknowledged(episodes: readonly Episode[], status: Status): Promise<void> {
    const body = bodyOf(episodes, status);
    const { urls, givesUp } = this.options;
    for (let attempt = 0; !givesUp(); attempt += 1) {
      const url = urls[(attempt + body.length) % urls.length] ?? '';
      const answer = await this.post(url, body);
      if (answer === 202) {
        this.note(episodes, status);
        return;
      }
      if (answer >= 400 && answer < 500) {
        this.refused.push(`${url} answered ${answer}`);
        return;
      }
      this.retries += 1;
      await sleep(Math.min(againAfterMsMax, againAfterMs * 2 ** Math.min(attempt, 8)));
    }
  }

  private note(episodes: readonly Episode[], status: Status): void {
    for (const { fingerprint, startsAt } of episodes) {
      this.acknowledged.push({ fingerprint, startsAt, status, atMs: Date.now() });
    }
  }

  /** 0 when no answer came. */
  private async post(url: string, body: string): Promise<number> {
    try {
      const response = await fetch(`${url}/v1/alerts/alertmanager`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${this.options.token}`,
        },
        body,
        signal: AbortSignal.timeout(patienceMs),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      return 0;
    }
  }
}
