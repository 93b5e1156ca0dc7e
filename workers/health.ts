/** The small HTTP side of a process: is it alive, is it ready, its metrics, and what is added to it. Answers nothing else. */
import Fastify, { type FastifyInstance } from 'fastify';
import { metricsContentType, type Metrics } from './metrics.js';

export interface HealthOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly metrics: Metrics;
  /** A sentence saying what is missing, or undefined when the process can do its work. */
  notReady(): Promise<string | undefined>;
  /** More doors, added before it listens. */
  add?(server: FastifyInstance): void;
}

/** Resolves once it listens. */
export async function startHealth(
  options: HealthOptions,
): Promise<{ url: string; stop(): Promise<void> }> {
  const server = Fastify({ logger: false });
  server.get('/healthz', () => ({ ok: true }));
  server.get('/readyz', async (_request, reply) => {
    const missing = await options.notReady();
    return reply
      .code(missing === undefined ? 200 : 503)
      .send({ ready: missing === undefined, missing });
  });
  server.get('/metrics', async (_request, reply) => {
    return reply.type(metricsContentType).send(await options.metrics.text());
  });
  options.add?.(server);
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, stop: () => server.close() };
}
