/** The small HTTP door of the demo's processes: loopback unless told otherwise, a table of routes, bodies of at most 4 KiB. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Reply {
  readonly status: number;
  /** Text as it is; anything else as JSON. */
  readonly body: unknown;
}

/** `undefined` leaves the asker waiting for ever. */
export type Route = (body: string, query: URLSearchParams) => Reply | Promise<Reply> | undefined;

export interface Door {
  /** Who still waits for an answer gets none. */
  close(): void;
}

const bodyMaxBytes = 4096;
export const loopback = '127.0.0.1';

/** Routes by `METHOD /path`; a path not in the table is answered with 404. Resolves when it listens. */
export function openDoor(
  port: number,
  routes: Readonly<Record<string, Route>>,
  host = loopback,
): Promise<Door> {
  const server = createServer((request, response) => {
    answer(request, response, routes).catch((thrown: unknown) => {
      send(response, { status: 400, body: thrown instanceof Error ? thrown.message : 'wrong' });
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      resolve({
        close: () => {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  routes: Readonly<Record<string, Route>>,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const route = routes[`${request.method ?? 'GET'} ${pathname}`];
  if (route === undefined) return send(response, { status: 404, body: 'no such path' });
  const reply = await route(await bodyOf(request), searchParams);
  if (reply !== undefined) send(response, reply);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyMaxBytes) throw new Error(`the body is over ${bodyMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain; version=0.0.4; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type });
  response.end(isText ? body : JSON.stringify(body));
}

/** The options of a process; throws, naming the option, when one is missing or no number where one is needed. */
export function optionIn(values: Readonly<Record<string, unknown>>, name: string): string {
  const value = values[name];
  if (typeof value !== 'string' || value === '') throw new Error(`--${name} is missing`);
  return value;
}

export function numberIn(values: Readonly<Record<string, unknown>>, name: string): number {
  const value = Number(optionIn(values, name));
  if (!Number.isFinite(value)) throw new Error(`--${name} must be a number`);
  return value;
}
