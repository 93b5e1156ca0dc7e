/**
 * The world of the killed workers, outside of them: settings that keep their value when a worker dies, and how often each
 * operation took effect. It does what it is told as often as it is told; being told twice is what the test looks for.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { valueBefore } from './runbooks.js';

export interface Asked {
  readonly operationId: string;
  readonly value: number;
  /** An earlier attempt may have taken effect, and is looked for before anything is changed. */
  readonly mayBeThere: boolean;
}

export interface SeenEffect {
  readonly operationId: string;
  /** The ledger held its intent when it took effect. */
  readonly wasIntended: boolean;
}

export interface Sink {
  readonly url: string;
  /** Of this run, in their order. */
  effectsOf(run: string): readonly SeenEffect[];
  stop(): Promise<void>;
}

/** `isIntended` asks the ledger. */
export async function openSink(
  isIntended: (operationId: string) => Promise<boolean>,
): Promise<Sink> {
  const values = new Map<string, number>();
  const effects: SeenEffect[] = [];
  const change = async (service: string, asked: Asked): Promise<void> => {
    const { operationId, value, mayBeThere } = asked;
    if (mayBeThere && effects.some((effect) => effect.operationId === operationId)) return;
    effects.push({ operationId, wasIntended: await isIntended(operationId) });
    values.set(service, value);
  };
  const answer = async (request: IncomingMessage): Promise<number> => {
    const service = request.url ?? '';
    if (request.method === 'POST') await change(service, JSON.parse(await text(request)) as Asked);
    return values.get(service) ?? valueBefore;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      (value) => response.end(JSON.stringify({ value })),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    effectsOf: (run) => effects.filter(({ operationId }) => operationId.startsWith(`${run}/`)),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
