/**
 * The switch over HTTP: POST /v1/stop, POST /v1/resume and GET /v1/switch, each for whoever shows a token of theirs. Reading
 * turns nothing; who asks is said by the token, never by the body. Without tokens there is no such door.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Db } from '../../activities/store/db.js';
import { listResumeRequests, listSwitches } from '../../activities/store/read.js';
import { resume } from '../../activities/store/resume.js';
import { everything, requireScope } from '../../activities/store/scope.js';
import type { FileOrders } from '../../activities/store/stop-file.js';
import { stop } from '../../activities/store/switches.js';
import type { Known } from '../../workflows/domain/verdict.js';
import { personOfToken, type SwitchToken } from './tokens.js';

export interface SwitchDoor {
  readonly db: Db;
  readonly tokens: readonly SwitchToken[];
  /** What a file on this machine stops. */
  fileOrders(): Known<FileOrders>;
  readonly log: Logger;
}

const bodyMaxBytes = 4096;
const turning = z.strictObject({
  scope: z.string().max(200).default(everything),
  why: z.string().max(500).default('no reason given'),
});

/** Adds the three to a server. */
export function addSwitchDoor(server: FastifyInstance, door: SwitchDoor): void {
  if (door.tokens.length === 0) return;
  const route = { bodyLimit: bodyMaxBytes };
  server.post('/v1/stop', route, (request, reply) => {
    return turned(door, { request, reply }, async (asked) => {
      await stop(door.db, asked.scope, asked);
      return { code: 200, body: { state: 'stopped' } };
    });
  });
  server.post('/v1/resume', route, (request, reply) => {
    return turned(door, { request, reply }, async (asked) => {
      const resumption = await resume(door.db, asked.scope, asked);
      return { code: resumption.state === 'resumed' ? 200 : 202, body: resumption };
    });
  });
  server.get('/v1/switch', async (request, reply) => {
    if (personOf(door, request) === undefined) return notLetIn(reply);
    return reply.send(await shown(door));
  });
}

interface Exchange {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

interface Asked {
  readonly scope: string;
  readonly by: string;
  readonly why: string;
}

async function turned(
  door: SwitchDoor,
  { request, reply }: Exchange,
  turn: (asked: Asked) => Promise<{ code: number; body: object }>,
): Promise<FastifyReply> {
  const by = personOf(door, request);
  if (by === undefined) return notLetIn(reply);
  const read = turning.safeParse(request.body ?? {});
  if (!read.success) return reply.code(400).send({ error: issuesOf(read.error) });
  const { scope, why } = read.data;
  try {
    requireScope(scope);
  } catch (error) {
    return reply.code(400).send({ error: textOf(error) });
  }
  try {
    const { code, body } = await turn({ scope, by, why });
    return await reply.code(code).send({ scope, by, ...body });
  } catch (error) {
    if (error instanceof RangeError) return reply.code(409).send({ error: error.message });
    door.log.error({ err: error, scope }, 'the switch could not be turned');
    const fix = 'create the stop file on every machine with a worker';
    return reply.code(503).send({ error: `the switch could not be turned: ${fix}` });
  }
}

async function shown({ db, fileOrders }: SwitchDoor): Promise<object> {
  const [stopped, requests] = await Promise.all([listSwitches(db), listResumeRequests(db)]);
  const file = fileOrders();
  return {
    stopped: stopped.map(({ scope, by, why, at }) => ({ scope, by, why, at: at.toISOString() })),
    resumeAsked: requests.map(({ scope, person, why, at }) => {
      return { scope, by: person, why, at: at.toISOString() };
    }),
    file: file.known ? { orders: file.value } : { unreadable: file.why },
  };
}

function personOf({ tokens }: SwitchDoor, { headers }: FastifyRequest): string | undefined {
  const [, shownToken] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  return shownToken === undefined ? undefined : personOfToken(shownToken, tokens);
}

function notLetIn(reply: FastifyReply): FastifyReply {
  const error = 'show a token: authorization: Bearer <token>';
  return reply.code(401).header('www-authenticate', 'Bearer').send({ error });
}

function issuesOf({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; ');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
