/** What a bench process tells its driver beside its work: effects that started, its memory, its CPU. On the loopback only. */
import { createServer, type Server } from 'node:http';
import { z } from 'zod';
import type { EffectStart, Sink } from './sink.js';

export interface Memory {
  readonly rssBytes: number;
  /** Of the main thread only: workflows live in a thread of their own. */
  readonly heapUsedBytes: number;
}

const startsShape = z.array(z.tuple([z.string(), z.number()]));
const memoryShape = z.object({ rssBytes: z.number(), heapUsedBytes: z.number() });
const askTimeoutMs = 10_000;

/** Resolves once it listens. */
export function openSideDoor(port: number, sink: Sink): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = answerTo(request.url ?? '', sink);
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? null));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function answerTo(path: string, sink: Sink): unknown {
  if (path === '/ready') return true;
  if (path === '/effects') return sink.take();
  if (path === '/memory') return memoryNow();
  if (path === '/cpu') return cpuMsNow();
  return told(path, sink);
}

/** `/effect/<operation>`: an effect starts now. `/forward/<url>`: where effects go from now on; without a URL nowhere. */
function told(path: string, sink: Sink): true | undefined {
  const [, what, rest = ''] = path.split('/');
  if (what !== 'effect' && what !== 'forward') return undefined;
  const value = decodeURIComponent(rest);
  if (what === 'effect') sink.note(value);
  else sink.forwardTo(value === '' ? null : value);
  return true;
}

/** After a full collection where the process was started with --expose-gc. */
function memoryNow(): Memory {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { rssBytes: rss, heapUsedBytes: heapUsed };
}

/** Spent by all threads since the start. */
function cpuMsNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export async function takeEffects(doorUrl: string): Promise<readonly EffectStart[]> {
  return startsShape.parse(await ask(`${doorUrl}/effects`));
}

export async function readMemory(doorUrl: string): Promise<Memory> {
  return memoryShape.parse(await ask(`${doorUrl}/memory`));
}

/** Milliseconds of CPU that the process has spent since its start, all its threads together. */
export async function readCpuMs(doorUrl: string): Promise<number> {
  return z.number().parse(await ask(`${doorUrl}/cpu`));
}

/** Each effect of that process is an HTTP call to this sink from now on; null: it is none any more. */
export async function forwardEffects(doorUrl: string, sinkUrl: string | null): Promise<void> {
  await ask(`${doorUrl}/forward/${encodeURIComponent(sinkUrl ?? '')}`);
}

export async function isOpen(doorUrl: string): Promise<boolean> {
  return (await ask(`${doorUrl}/ready`)) === true;
}

async function ask(url: string): Promise<unknown> {
  const headers = { connection: 'close' }; // a kept connection may be closed under the next question
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(askTimeoutMs) });
  return response.json();
}
