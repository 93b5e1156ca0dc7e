/** The fleet over HTTP, on the loopback. A change is made when its request arrives; the answer may take a while. Judges nothing. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Fleet } from './fleet.js';

const wish = z.discriminatedUnion('what', [
  z.object({ what: z.literal('restart'), service: z.string(), operation: z.string() }),
  z.object({
    what: z.literal('retries'),
    service: z.string(),
    operation: z.string(),
    value: z.number(),
  }),
  z.object({
    what: z.literal('break'),
    service: z.string(),
    fault: z.enum(['down', 'amplifying']),
  }),
]);
export type Wish = z.infer<typeof wish>;

/** A real system does not answer at once. */
const answerMsMax = 120;

/** Resolves once it listens. */
export function openFleet(port: number): Promise<Server> {
  const fleet = new Fleet();
  const server = createServer((request, response) => {
    answerTo(fleet, request).then(
      (answer) => {
        response.writeHead(answer === undefined ? 404 : 200, {
          'content-type': 'application/json',
        });
        response.end(JSON.stringify(answer ?? null));
      },
      (error: unknown) => {
        response.writeHead(400).end(String(error));
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function answerTo(fleet: Fleet, request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? '/', 'http://fleet');
  if (request.method === 'POST') {
    const asked = wish.parse(JSON.parse(await textOf(request)));
    grant(fleet, asked);
    if (asked.what !== 'break') await sleep(Math.random() * answerMsMax);
    return fleet.see(asked.service);
  }
  if (pathname === '/journal') return fleet.journal;
  if (pathname === '/ready') return true;
  await sleep(Math.random() * answerMsMax);
  return fleet.see(pathname.slice('/services/'.length));
}

function grant(fleet: Fleet, asked: Wish): void {
  if (asked.what === 'break') return fleet.breakDown(asked.service, asked.fault);
  if (asked.what === 'restart') return fleet.restart(asked.service, asked.operation);
  return fleet.setRetries(asked.service, asked.operation, asked.value);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request as AsyncIterable<Buffer>) text += chunk.toString();
  return text;
}
