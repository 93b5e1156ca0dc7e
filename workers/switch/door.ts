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
import { stop, type Turning } from '../../activities/store/switches.js';
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
  for (const turn of ['stop', 'resume'] as const) {
    server.post(`/v1/${turn}`, route, async (request, reply) => {
      const by = personOf(door, request);
      if (by === undefined) return notLetIn(reply);
      const { code, body } = await turnSwitch(door, turn, { by, body: request.body });
      return reply.code(code).send(body);
    });
  }
  server.get('/v1/switch', async (request, reply) => {
    if (personOf(door, request) === undefined) return notLetIn(reply);
    return reply.send(await shown(door));
  });
}

/** What came of turning the switch: an HTTP code, and a body that says the rest. */
export interface Turned {
  readonly code: number;
  readonly body: { readonly error?: string; readonly [more: string]: unknown };
}

export type Turn = 'stop' | 'resume';

/** Never throws: what is wrong with the question, and a switch that cannot be turned, are answers with an `error`. */
export async function turnSwitch(
  { db, log }: Pick<SwitchDoor, 'db' | 'log'>,
  turn: Turn,
  asked: { readonly by: string; readonly body: unknown },
): Promise<Turned> {
  const read = turning.safeParse(asked.body ?? {});
  if (!read.success) return { code: 400, body: { error: issuesOf(read.error) } };
  const { scope, why } = read.data;
  const { by } = asked;
  try {
    requireScope(scope);
  } catch (error) {
    return { code: 400, body: { error: textOf(error) } };
  }
  try {
    const { code, body } = await turns[turn](db, scope, { by, why });
    return { code, body: { scope, by, ...body } };
  } catch (error) {
    if (error instanceof RangeError) return { code: 409, body: { error: error.message } };
    log.error({ err: error, scope }, 'the switch could not be turned');
    const fix = 'create the stop file on every machine with a worker';
    return { code: 503, body: { error: `the switch could not be turned: ${fix}` } };
  }
}

const turns = {
  async stop(db: Db, scope: string, turning: Turning): Promise<Turned> {
    await stop(db, scope, turning);
    return { code: 200, body: { state: 'stopped' } };
  },
  async resume(db: Db, scope: string, turning: Turning): Promise<Turned> {
    const resumption = await resume(db, scope, turning);
    return { code: resumption.state === 'resumed' ? 200 : 202, body: { ...resumption } };
  },
};

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
