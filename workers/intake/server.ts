/**
 * The intake's HTTP side: known path, then authentication, size, type, content, commit, 202; in this order.
 * It acknowledges nothing that is not committed and never answers load with a 4xx: senders drop what gets one.
 */
import { maxHeaderSize } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Sender } from '../../activities/senders/index.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { seconds } from '../../workflows/domain/time.js';
import { metricsContentType } from '../metrics.js';
import type { Authenticate } from './authentication.js';
import { readBody } from './body.js';
import { answerBrokenRequest } from './broken-request.js';
import type { Instruments } from './instruments.js';
import { badBody, bodyOf, Refusal, Unavailable } from './refusal.js';

/** One sender and who may speak for it. */
export interface Door {
  readonly sender: Sender;
  readonly authenticate: Authenticate;
}

export interface ServerParts {
  readonly doors: readonly Door[];
  /** Resolves once every alert is committed; throws Unavailable when that cannot be had now. */
  readonly commit: (alerts: readonly Alert[]) => Promise<void>;
  /** Why this process should get no requests, or null when it should. Never throws. */
  readonly unready: () => Promise<string | null>;
  readonly instruments: Instruments;
  readonly metricsText: () => Promise<string>;
  readonly log: Log;
}

/** As much of a logger as the intake uses. Bodies, headers and secrets are never given to it. */
export interface Log {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** A sender that takes longer to hand a request over is cut off; Alertmanager's own patience is 10 s and more. */
const requestTimeoutMs = seconds(10);
const headersTimeoutMs = seconds(5);
const pathPrefix = '/v1/alerts/';

/** The server, not yet listening. */
export function createServer(parts: ServerParts): FastifyInstance {
  const app = fastify({
    logger: false,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // ours says when to come back
    http: {
      headersTimeout: headersTimeoutMs,
      connectionsCheckingInterval: seconds(1),
      maxHeaderSize,
    },
    frameworkErrors: (_error, request, reply) => {
      refuse(parts, { request, reply }, unknownPath(parts));
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(parts, error, socket),
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream),
  );
  app.addHook('onRequest', async (request) => checkPath(parts, request));
  app.setErrorHandler((error, request, reply) => refuse(parts, { request, reply }, error));
  for (const door of parts.doors) addDoor(app, door, parts);
  addProbes(app, parts);
  return app;
}

function addDoor(app: FastifyInstance, door: Door, parts: ServerParts): void {
  const { sender } = door;
  app.post(`${pathPrefix}${sender.source}`, {
    onRequest: async (request) => checkSecret(door, request),
    handler: async (request, reply) => {
      checkType(request);
      const alerts = readAlerts(sender, request.body, parts);
      const startedMs = performance.now();
      await parts.commit(alerts);
      parts.instruments.commitMs.record(performance.now() - startedMs, { source: sender.source });
      return reply.code(202).send({ accepted: alerts.length });
    },
  });
}

function addProbes(app: FastifyInstance, parts: ServerParts): void {
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const why = await parts.unready();
    return why === null ? { ok: true } : reply.code(503).send({ ok: false, why });
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(metricsContentType).send(await parts.metricsText()),
  );
}

function checkPath(parts: ServerParts, request: FastifyRequest): void {
  if (!request.is404) return;
  if (sourceOf(parts, request) === undefined) throw unknownPath(parts);
  throw new Refusal('wrong-method', `${request.method} is not understood here`, {
    fix: 'use POST',
  });
}

function unknownPath({ doors }: ServerParts): Refusal {
  const known = doors.map((door) => `POST ${pathPrefix}${door.sender.source}`).join(', ');
  return new Refusal('unknown-path', 'there is nothing at this path', { fix: `use ${known}` });
}

function checkSecret({ sender, authenticate }: Door, request: FastifyRequest): void {
  const admission = authenticate(request.headers.authorization);
  if (admission === 'admitted') return;
  const missing = admission === 'no-secret';
  const message = missing ? 'the request shows no secret' : 'the secret is not one of those in use';
  const fix = `set http_config.authorization (or basic_auth) of this webhook to a secret of ${sender.source}`;
  throw new Refusal(admission, message, { fix });
}

function checkType(request: FastifyRequest): void {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const fix = 'send it with Content-Type: application/json';
    throw new Refusal('wrong-type', 'the body is not declared as JSON', { fix });
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return;
  throw new Refusal('wrong-type', 'the body is compressed', { fix: 'send it uncompressed' });
}

function readAlerts(sender: Sender, body: unknown, parts: ServerParts): readonly Alert[] {
  const parsed = sender.parse(Buffer.isBuffer(body) ? body : '');
  if (!parsed.ok) throw badBody(parsed.problems);
  if (parsed.truncated > 0) {
    const { source } = sender;
    parts.instruments.truncated.add(parsed.truncated, { source });
    parts.log.warn({ source, leftOut: parsed.truncated }, 'the sender left alerts out: max_alerts');
  }
  return parsed.alerts;
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Anything that is no Refusal means that we could not do our part: the sender must keep the alert. */
function refuse(parts: ServerParts, { request, reply }: Exchange, error: unknown): FastifyReply {
  const source = sourceOf(parts, request) ?? 'none';
  if (error instanceof Refusal) {
    parts.instruments.refused.add(1, { source, why: error.why });
    if (error.status === 401) reply.header('www-authenticate', 'Bearer realm="belay"');
    if (error.status === 405) reply.header('allow', 'POST');
    return reply.code(error.status).send(bodyOf(error));
  }
  const why = error instanceof Unavailable ? error.why : 'bug';
  parts.instruments.unavailable.add(1, { source, why });
  if (why === 'bug') parts.log.error({ err: error }, 'a request met an unexpected error');
  const said = error instanceof Unavailable ? error.message : 'an unexpected error';
  const body = { error: said, fix: 'send it again; nothing was acknowledged' };
  return reply.code(503).header('retry-after', '2').send(body);
}

function sourceOf(parts: ServerParts, request: FastifyRequest): string | undefined {
  const path = request.url.split('?', 1)[0];
  const door = parts.doors.find(({ sender }) => path === `${pathPrefix}${sender.source}`);
  return door?.sender.source;
}
