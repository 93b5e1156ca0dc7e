/**
 * What is stopped, as one process knows it: the switches of the database and a file on its machine, together. Asked before each
 * change of an effect, it answers from memory; what it has not read for a while it does not know, and unknown is stopped.
 */
import type { Known } from '../../workflows/domain/verdict.js';
import { known } from '../../workflows/domain/verdict.js';
import { seconds } from '../../workflows/domain/time.js';
import type { StopOrder } from '../../workflows/gates/gate.js';
import { everything } from './scope.js';
import { readStopFile } from './stop-file.js';
import { listenToSwitch } from './switch-listener.js';

export interface SwitchWatchOptions {
  readonly url: string;
  /** The file whose existence stops; its folder must be there. */
  readonly file: string;
  /** The file's orders are no longer the ones they were. */
  onFileTurned?(orders: readonly StopOrder[]): void;
}

/** Why an effect must not go on; `isRead` is false when nobody said stop but it could not be read. */
export interface StopWord {
  readonly why: string;
  readonly isRead: boolean;
}

export interface SwitchWatch {
  wordOn(scopes: readonly string[]): StopWord | undefined;
  subscribe(listener: () => void): () => void;
  /** Of the file alone, for the gates: the database they read themselves. */
  fileOrders(): Known<readonly StopOrder[]>;
  stop(): Promise<void>;
}

/** As long as a claim lasts without a sign of life: six readings of the database, twelve of the file. */
export const knownForMs = seconds(3);
const fileEveryMs = 250;

/** Resolves after a first look at both; what could not be read then is stopped until it can. */
export async function watchSwitch(options: SwitchWatchOptions): Promise<SwitchWatch> {
  const board = new Board(options);
  const listener = listenToSwitch({
    url: options.url,
    onRead: (orders, askedAtMs) => board.database.learn(orders, askedAtMs),
    onUnread: (why) => board.database.failed(why),
  });
  await Promise.all([listener.first, board.lookAtFile()]);
  const looking = repeat(() => board.lookAtFile(), fileEveryMs);
  return {
    wordOn: (scopes) => board.wordOn(scopes),
    subscribe: (heard) => board.subscribe(heard),
    fileOrders: () => board.file.orders(),
    async stop() {
      await Promise.all([looking.stop(), listener.stop()]);
    },
  };
}

/** What one place said last, and when. */
class Place {
  private told: readonly StopOrder[] = [];
  private atMs = -Infinity;
  private why = 'it was never read';

  constructor(
    private readonly name: string,
    private readonly turned: (orders: readonly StopOrder[]) => void,
  ) {}

  learn(orders: readonly StopOrder[], askedAtMs: number): void {
    const isNew = JSON.stringify(orders) !== JSON.stringify(this.told);
    const wasKnown = this.orders().known;
    this.told = orders;
    this.atMs = askedAtMs;
    if (isNew || !wasKnown) this.turned(orders);
  }

  failed(why: string): void {
    this.why = why;
    if (!this.orders().known) this.turned(this.told);
  }

  /** Told from what was read within `knownForMs`, by a clock that goes on while the process is paused. */
  orders(): Known<readonly StopOrder[]> {
    if (performance.now() < this.atMs + knownForMs) return known(this.told);
    return { known: false, why: `${this.name} could not be read: ${this.why}` };
  }
}

class Board {
  readonly database: Place;
  readonly file: Place;
  private readonly listeners = new Set<() => void>();
  private lastFile = '[]';

  constructor(private readonly options: SwitchWatchOptions) {
    const tell = (): void => {
      for (const listener of this.listeners) listener();
    };
    this.database = new Place('the switch in PostgreSQL', tell);
    this.file = new Place(`the file ${options.file}`, (orders) => {
      tell();
      this.fileTurned(orders);
    });
  }

  async lookAtFile(): Promise<void> {
    const askedAtMs = performance.now();
    this.file.learn(await readStopFile(this.options.file), askedAtMs);
  }

  wordOn(scopes: readonly string[]): StopWord | undefined {
    const covering = new Set([everything, ...scopes]);
    for (const place of [this.file, this.database]) {
      const orders = place.orders();
      if (!orders.known) return { why: orders.why, isRead: false };
      const order = orders.value.find(({ scope }) => covering.has(scope));
      if (order !== undefined) {
        return { why: `${order.by} stopped ${order.scope}: ${order.why}`, isRead: true };
      }
    }
    return undefined;
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  private fileTurned(orders: readonly StopOrder[]): void {
    const text = JSON.stringify(orders);
    if (text === this.lastFile) return;
    this.lastFile = text;
    this.options.onFileTurned?.(orders);
  }
}

/** One after the other, never two at once. */
function repeat(work: () => Promise<void>, everyMs: number): { stop(): Promise<void> } {
  let isStopped = false;
  let wake = (): void => undefined;
  const loop = async (): Promise<void> => {
    while (!isStopped) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, everyMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (!isStopped) await work();
    }
  };
  const looping = loop();
  return {
    async stop() {
      isStopped = true;
      wake();
      await looping;
    },
  };
}
