/** An HTTP server that stands for somebody else's: it answers what the test says and keeps what it was asked. */
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Asked {
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StandIn {
  readonly url: string;
  readonly seen: Asked[];
  stop(): Promise<void>;
}

export interface StandInAnswer {
  /** 0 never answers. */
  readonly status: number;
  /** Text goes out as it is, everything else as JSON. */
  readonly body: unknown;
}

/** Listens on a free port of this machine when it resolves. */
export async function startStandIn(
  answer: (asked: Asked) => Promise<StandInAnswer>,
): Promise<StandIn> {
  const seen: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const asked = { path: request.url ?? '', headers: request.headers, body };
      seen.push(asked);
      void answer(asked).then(({ status, body: told }) => {
        if (status === 0) return;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(typeof told === 'string' ? told : JSON.stringify(told));
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
