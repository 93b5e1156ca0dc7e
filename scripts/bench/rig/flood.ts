/**
 * Sends as many requests as a server takes over a fixed number of connections, each of which waits for its answer before it
 * sends again. It reads no more of an answer than its status and its length, so that most of the machine is the server's.
 */
import { connect, type Socket } from 'node:net';
import { clockMs } from './clock.js';

export interface FloodPlan {
  readonly url: string;
  readonly token: string;
  readonly connections: number;
  readonly forMs: number;
  /** A body that was never sent before; used up before the next one of the same connection is asked for. */
  readonly nextBody: (connection: number) => Buffer;
}

export interface Flooded {
  /** Milliseconds from the last byte of each request to its answer, of those answered 202. */
  readonly acceptedMs: readonly number[];
  /** How often each other status came. */
  readonly others: ReadonlyMap<number, number>;
  readonly tookMs: number;
}

/** Resolves when every connection has its last answer. Rejects when one breaks. */
export async function flood(plan: FloodPlan): Promise<Flooded> {
  const acceptedMs: number[] = [];
  const others = new Map<number, number>();
  const startedMs = clockMs();
  const untilMs = startedMs + plan.forMs;
  const told = (status: number, tookMs: number): void => {
    if (status === 202) acceptedMs.push(tookMs);
    else others.set(status, (others.get(status) ?? 0) + 1);
  };
  const numbers = Array.from({ length: plan.connections }, (_, number) => number);
  await Promise.all(numbers.map((connection) => converse(plan, { connection, untilMs, told })));
  return { acceptedMs, others, tookMs: clockMs() - startedMs };
}

interface Conversation {
  readonly connection: number;
  readonly untilMs: number;
  readonly told: (status: number, tookMs: number) => void;
}

function converse(plan: FloodPlan, { connection, untilMs, told }: Conversation): Promise<void> {
  const { hostname, port, pathname } = new URL(plan.url);
  const head = (length: number): string =>
    `POST ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${plan.token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let sentMs = 0;
    let heard = '';
    const send = (): void => {
      const body = plan.nextBody(connection);
      socket.cork();
      socket.write(head(body.length), 'latin1');
      socket.write(body);
      socket.uncork();
      sentMs = clockMs();
    };
    socket.on('connect', send);
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection of the flood')));
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      const status = wholeAnswer(heard);
      if (status === undefined) return;
      heard = '';
      told(status, clockMs() - sentMs);
      if (clockMs() < untilMs) send();
      else resolve(end(socket));
    });
  });
}

function end(socket: Socket): void {
  socket.removeAllListeners('close');
  socket.end();
}

/** Its status once it is whole. Throws when the answer does not say how long it is: then nobody could tell. */
function wholeAnswer(heard: string): number | undefined {
  const headEnd = heard.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(heard.slice(0, headEnd + 2))?.[1];
  if (length === undefined) throw new Error('an answer of the server has no length');
  if (heard.length < headEnd + 4 + Number(length)) return undefined;
  return Number(heard.slice(9, 12));
}
