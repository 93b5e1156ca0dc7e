/**
 * The intake's HTTP side: known path, then authentication, size, type, content, commit, 202; in this order.
 * It acknowledges nothing that is not committed and never answers load with a 4xx: senders drop what gets one.
 */
import { createServer as createHttpServer, maxHeaderSize } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Parsed, Sender } from '../../activities/senders/index.js';
import type { Headers } from '../../activities/senders/sender.js';
import type { DeadLetter } from '../../activities/store/dead-letters.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { seconds } from '../../workflows/domain/time.js';
import { metricsContentType } from '../metrics.js';
import { createRoom, readBody } from './body.js';
import type { Hold, Room } from './body.js';
import { answerBrokenRequest } from './broken-request.js';
import { createEntrance } from './entrance.js';
import type { Delivery, Door } from './entrance.js';
import type { Instruments } from './instruments.js';
import { badBody, bodyOf, Poison, Refusal, Unavailable } from './refusal.js';
import type { WrongSecrets } from './wrong-secrets.js';

export interface ServerParts {
  readonly doors: readonly Door[];
  /** Sources we understand but that have no secret, with the settings that would open their door. */
  readonly closed: Readonly<Record<string, string>>;
  /** Plain HTTP without. */
  readonly tls: ServerOptions | null;
  readonly wrongSecrets: Pick<WrongSecrets, 'seen'>;
  /** Resolves once every alert is committed; throws Unavailable when that cannot be had now, Poison when never. */
  readonly commit: (alerts: readonly Alert[]) => Promise<void>;
  /** Resolves with the name of the dead letter once it is committed; throws Unavailable likewise. */
  readonly keep: (letter: DeadLetter) => Promise<string>;
  /** A sender left alerts out of what is committed by now: it may be asked for them. */
  readonly readBack?: (source: string) => void;
  /** Why this process should get no requests, or null when it should. Never throws. */
  readonly unready: () => Promise<string | null>;
  /** For all bodies in flight; 64 MiB unless given. */
  readonly room?: Room;
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
const keepAliveTimeoutMs = seconds(72);
const pathPrefix = '/v1/alerts/';
/** Those beyond it are closed as they come: far more than senders keep, and each costs some 50 KiB at most. */
const connectionsMax = 4_096;

/** The server, not yet listening. */
export function createServer(parts: ServerParts): FastifyInstance {
  const app = fastify({
    logger: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false, // ours says when to come back
    serverFactory: (listener) => {
      const server = parts.tls
        ? createHttpsServer({ ...connections, ...parts.tls }, listener)
        : createHttpServer(connections, listener);
      server.maxConnections = connectionsMax;
      return server;
    },
    frameworkErrors: (_error, request, reply) => {
      refuse(parts, { request, reply }, unknownPath(parts));
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(parts, error, socket),
  });
  readBodiesInto(app, parts.room ?? createRoom());
  app.addHook('onRequest', async (request) => checkPath(parts, request));
  app.setErrorHandler((error, request, reply) => refuse(parts, { request, reply }, error));
  for (const door of parts.doors) addDoor(app, door, parts);
  addProbes(app, parts);
  return app;
}

/** A request holds its place until it is answered or gone: a body that waits for its commit is in memory, too. */
function readBodiesInto(app: FastifyInstance, room: Room): void {
  const holds = new WeakMap<IncomingMessage, Hold>();
  app.addHook('onRequest', async (request, reply) => {
    const hold = room.hold();
    holds.set(request.raw, hold);
    reply.raw.once('close', () => hold.release());
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, stream: IncomingMessage) =>
    readBody(stream, holds.get(request.raw) ?? room.hold()),
  );
}

const connections = {
  requestTimeout: requestTimeoutMs,
  headersTimeout: headersTimeoutMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  connectionsCheckingInterval: seconds(1),
  maxHeaderSize,
};

function addDoor(app: FastifyInstance, door: Door, parts: ServerParts): void {
  const { sender } = door;
  const entrance = createEntrance(door);
  app.post(`${pathPrefix}${sender.source}`, {
    onRequest: (request) => entrance.beforeBody(request),
    handler: async (request, reply) => {
      const delivery = await entrance.admit(request);
      checkType(sender, request);
      if (delivery.isReplay) {
        parts.instruments.replayed.add(1, { source: sender.source });
        return reply.code(200).send({ accepted: 0, replayed: true });
      }
      await delivery.confirm();
      const taken = await takeIn(sender, delivery, parts);
      delivery.remember();
      return reply.code(202).send(taken);
    },
  });
}

interface Taken {
  readonly accepted: number;
  /** Why there is nothing to act on. */
  readonly why?: string;
}

/** Whatever it answers is committed. What is kept as a dead letter was not handled, and its sender must not think so. */
async function takeIn(sender: Sender, delivery: Delivery, parts: ServerParts): Promise<Taken> {
  const { source } = sender;
  const parsed = sender.parse(delivery.body, delivery.headers);
  if (parsed.kind === 'wrong') throw badBody(parsed.problems);
  if (parsed.kind === 'unparsed') throw await kept(source, { delivery, parts, why: parsed.why });
  if (parsed.kind === 'nothing') return { accepted: 0, why: parsed.why };
  noteTruncated(source, parsed, parts);
  const startedMs = performance.now();
  await parts.commit(parsed.alerts).catch(async (error: unknown) => {
    throw error instanceof Poison
      ? await kept(source, { delivery, parts, why: error.message })
      : error;
  });
  parts.instruments.commitMs.record(performance.now() - startedMs, { source });
  if (parsed.truncated > 0) parts.readBack?.(source);
  return { accepted: parsed.alerts.length };
}

interface Unparsed {
  readonly delivery: Delivery;
  readonly parts: ServerParts;
  readonly why: string;
}

async function kept(source: string, { delivery, parts, why }: Unparsed): Promise<Refusal> {
  const { body, headers } = delivery;
  const name = await parts.keep({ source, why, body, headers: headersToKeep(headers) });
  const message = `the body cannot be used: ${why}; it is kept as ${name}, nothing was done`;
  return new Refusal('unparsed', message, { fix: `belay inbox show ${name}`, kept: name });
}

/** What a sender may look at when the body is read again: no header that proves who sent it is among them. */
function headersToKeep(headers: Headers): Record<string, string> {
  const found = Object.entries(headers)
    .filter(([name]) => /^(content-type|x-github-event|ce-[a-z0-9]{1,40})$/.test(name))
    .slice(0, 40);
  return Object.fromEntries(found.map(([name, value]) => [name, (value ?? '').slice(0, 2_048)]));
}

function noteTruncated(
  source: string,
  { truncated }: Extract<Parsed, { kind: 'alerts' }>,
  parts: ServerParts,
): void {
  if (truncated === 0) return;
  parts.instruments.truncated.add(truncated, { source });
  parts.log.warn({ source, leftOut: truncated }, 'the sender left alerts out: max_alerts');
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
  const source = sourceOf(parts, request);
  if (source === undefined) throw unknownPath(parts);
  const settings = parts.closed[source];
  if (settings !== undefined) {
    const fix = `set ${settings} and start the intake again`;
    throw new Refusal('no-door', `${source} has no secret, so nobody may send for it`, { fix });
  }
  throw new Refusal('wrong-method', `${request.method} is not understood here`, {
    fix: 'use POST',
  });
}

function unknownPath({ doors }: ServerParts): Refusal {
  const known = doors.map((door) => `POST ${pathPrefix}${door.sender.source}`).join(', ');
  return new Refusal('unknown-path', 'there is nothing at this path', { fix: `use ${known}` });
}

/** What most senders declare; SNS says text, CloudEvents has types of its own. */
const usualTypes: readonly string[] = ['application/json'];

function checkType({ mediaTypes = usualTypes }: Sender, request: FastifyRequest): void {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';', 1);
  if (!mediaTypes.includes(type.trim().toLowerCase())) {
    const fix = `send it with Content-Type: ${mediaTypes.join(' or ')}`;
    throw new Refusal('wrong-type', 'the body is not declared as JSON', { fix });
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() === 'identity') return;
  throw new Refusal('wrong-type', 'the body is compressed', { fix: 'send it uncompressed' });
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
    if (error.why === 'wrong-secret' || error.why === 'stale') {
      parts.wrongSecrets.seen(source, error.why);
    }
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

function sourceOf({ doors, closed }: ServerParts, request: FastifyRequest): string | undefined {
  const path = request.url.split('?', 1)[0];
  const known = [...doors.map(({ sender }) => sender.source), ...Object.keys(closed)];
  return known.find((source) => path === `${pathPrefix}${source}`);
}
