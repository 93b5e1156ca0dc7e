/**
 * Reads the switches over a connection of its own: at every notice of a turn, and again and again in between, so that a notice
 * that was lost costs half a second. Decides nothing; says when it read last, because what it knows is worth only so long.
 */
import pg from 'pg';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { StopOrder } from '../../workflows/gates/gate.js';

export interface SwitchListening {
  /** `postgres://...`; never logged. Of the primary: a copy that lags says yes too long. */
  readonly url: string;
  /** What was read, and the monotonic instant before it was asked for. */
  onRead(orders: readonly StopOrder[], askedAtMs: number): void;
  /** A reading that failed; the next follows in a quarter of a second. */
  onUnread(why: string): void;
}

export interface SwitchListener {
  /** Resolves after the first reading, done or failed. */
  readonly first: Promise<void>;
  stop(): Promise<void>;
}

/** The trigger of the migration 0015 sends on it. */
const channel = 'belay_switch';
const readEveryMs = 500;
const againAfterMs = 250;
const answerWithinMs = seconds(1);

/** Reads from now on; never throws. */
export function listenToSwitch(listening: SwitchListening): SwitchListener {
  return new Listener(listening);
}

class Listener implements SwitchListener {
  readonly first: Promise<void>;
  private readonly loop: Promise<void>;
  private readDone: () => void = () => undefined;
  private wake: () => void = () => undefined;
  private isWoken = false;
  private isStopped = false;

  constructor(private readonly listening: SwitchListening) {
    this.first = new Promise((resolve) => {
      this.readDone = resolve;
    });
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.woken();
    await this.loop;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      try {
        await this.connected();
      } catch (thrown) {
        this.listening.onUnread(messageOf(thrown));
      }
      this.readDone();
      await this.pause(againAfterMs);
    }
  }

  /** Until the connection breaks or it is stopped. */
  private async connected(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.listening.url,
      application_name: 'belay-switch',
      connectionTimeoutMillis: seconds(2),
      query_timeout: answerWithinMs,
      statement_timeout: answerWithinMs,
    });
    client.on('error', () => this.woken()); // the next reading tells
    client.on('notification', () => this.woken());
    try {
      await client.connect();
      await client.query(`LISTEN ${channel}`);
      while (!this.isStopped) {
        await this.read(client);
        await this.pause(readEveryMs);
      }
    } finally {
      await closed(client);
    }
  }

  private async read(client: pg.Client): Promise<void> {
    this.isWoken = false; // before the question: what turns while it is answered is asked for again
    const askedAtMs = performance.now();
    const { rows } = await client.query<StopOrder>({
      name: 'belay_switches',
      text: 'SELECT scope, by, why FROM switches ORDER BY scope',
    });
    this.listening.onRead(rows, askedAtMs);
    this.readDone();
  }

  private woken(): void {
    this.isWoken = true;
    this.wake();
  }

  private async pause(ms: number): Promise<void> {
    if (this.isWoken || this.isStopped) {
      this.isWoken = false;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A server that is frozen never answers the good-bye. */
async function closed(client: pg.Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([client.end().catch(() => undefined), late]);
  clearTimeout(timer);
}
