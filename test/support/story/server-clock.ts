/** The clock of Temporal's time-skipping server, read and moved through its test service. Stands still for nobody else. */
import { Connection, type ConnectionOptions } from '@temporalio/client';
import {
  InternalConnectionOptionsSymbol,
  type InternalConnectionOptions,
} from '@temporalio/client/lib/connection.js';
import { minutes } from '../../../workflows/domain/time.js';

type TestService = NonNullable<Connection['testService']>;

/** A connection that also speaks the server's test service. */
export function connectToTestServer(options: ConnectionOptions): Promise<Connection> {
  const asked: InternalConnectionOptions = {
    ...options,
    [InternalConnectionOptionsSymbol]: { supportsTestService: true },
  };
  return Connection.connect(asked);
}

/** Longer than most waits of a run, short beside the hour it is watched. */
const strideMs = minutes(10);
/** Two weeks: no story is longer. */
const stridesMax = 2_000;

export class ServerClock {
  /** The server's time minus this process's, as of the last look. */
  private aheadMs = 0;
  private readonly service: TestService;

  constructor(connection: Connection) {
    if (connection.testService === undefined) throw new Error('the server skips no time');
    this.service = connection.testService;
  }

  now(): number {
    return Date.now() + this.aheadMs;
  }

  /** Reads the server's time, which may have jumped since. Errs forwards: nothing is dated before it could happen. */
  async look(): Promise<number> {
    const askedMs = Date.now();
    const { time } = await this.service.getCurrentTime({});
    const serverMs = Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
    this.aheadMs = serverMs - askedMs;
    return serverMs;
  }

  /** From now on time passes as it does here, unless it is told to move. */
  async hold(): Promise<void> {
    await this.service.lockTimeSkipping({});
  }

  /** Moves time on, timer by timer, to this instant. */
  async advanceTo(atMs: number): Promise<void> {
    const leftMs = Math.ceil(atMs - (await this.look()));
    if (leftMs <= 0) return;
    const duration = { seconds: Math.floor(leftMs / 1000), nanos: (leftMs % 1000) * 1e6 };
    await this.service.unlockTimeSkippingWithSleep({ duration } as never);
    await this.look();
  }

  /** Moves time on in strides until the work is done: left to itself the server would leap on for years after it. */
  async until<Result>(work: Promise<Result>): Promise<Result> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    for (let stride = 0; !ended && stride < stridesMax; stride += 1) {
      await this.advanceTo(this.now() + strideMs);
    }
    return work;
  }
}
