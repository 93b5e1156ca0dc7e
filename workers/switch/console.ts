/**
 * The switch as a page, for a browser without JavaScript: what is stopped, by whom and why, and a form for each turn. The browser asks
 * for name and token (HTTP Basic); another site's form turns nothing. Turns the switch by the calls of the door and no other way.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { listResumeRequests, listSwitches } from '../../activities/store/read.js';
import { everything } from '../../activities/store/scope.js';
import { turnSwitch, type SwitchDoor, type Turn } from './door.js';
import { pageOf, styleHash, type Shown } from './page.js';
import { personOfToken } from './tokens.js';

export const consolePath = '/switch';
const formMaxBytes = 4096;

const headers = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;

/** Adds the page to a server; without tokens there is no such page. */
export function addSwitchConsole(server: FastifyInstance, door: SwitchDoor): void {
  if (door.tokens.length === 0) return;
  server.register((inside, _options, done) => {
    const form = 'application/x-www-form-urlencoded';
    inside.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, parsed) => {
      parsed(null, Object.fromEntries(new URLSearchParams(String(body))));
    });
    inside.get(consolePath, async (request, reply) => {
      const by = personOf(door, request);
      return by === undefined ? askWho(reply) : show(door, reply, { by, code: 200 });
    });
    for (const turn of ['stop', 'resume'] as const) {
      const path = `${consolePath}/${turn}`;
      inside.post(path, { bodyLimit: formMaxBytes }, (request, reply) => {
        return turned(door, turn, { request, reply });
      });
    }
    done();
  });
}

/** Ends where the page is, so that a reload turns nothing again; what went wrong stands on the page itself. */
async function turned(
  door: SwitchDoor,
  turn: Turn,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): Promise<FastifyReply> {
  const by = personOf(door, request);
  if (by === undefined) return askWho(reply);
  if (!isOwnForm(request)) {
    const problem = 'the form did not come from this page; nothing was turned';
    return show(door, reply, { by, code: 403, problem });
  }
  const { code, body } = await turnSwitch(door, turn, { by, body: request.body });
  if (body.error === undefined) return reply.redirect(consolePath, 303);
  return show(door, reply, { by, code, problem: body.error });
}

/** Browsers send the token along with whatever another site posts here, so where a form came from must be said and be here. */
function isOwnForm({ headers: { origin, host, ...rest } }: FastifyRequest): boolean {
  const site = rest['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  return origin !== undefined && host !== undefined && URL.canParse(origin)
    ? new URL(origin).host === host
    : site === 'same-origin';
}

/** The name is what the browser makes people type; who they are is said by the token. */
function personOf({ tokens }: SwitchDoor, request: FastifyRequest): string | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  return personOfToken(pair.slice(pair.indexOf(':') + 1), tokens);
}

function askWho(reply: FastifyReply): FastifyReply {
  return reply
    .code(401)
    .headers({ ...headers, 'content-type': 'text/plain; charset=utf-8' })
    .header('www-authenticate', 'Basic realm="the switch of Belay", charset="UTF-8"')
    .send('Your name, and as the password your token of BELAY_SWITCH_TOKENS.\n');
}

interface Showing {
  readonly by: string;
  readonly code: number;
  readonly problem?: string;
}

/** A database that is away is said on the page: the way that is left is a file. */
async function show(
  door: SwitchDoor,
  reply: FastifyReply,
  { by, code, problem }: Showing,
): Promise<FastifyReply> {
  const shown = { by, nowMs: Date.now(), file: door.fileOrders(), switches: await read(door) };
  const answered = shown.switches.known || code !== 200 ? code : 503;
  const page = pageOf({ ...shown, ...(problem === undefined ? {} : { problem }) });
  return reply.code(answered).headers(headers).send(page);
}

async function read({ db, log }: SwitchDoor): Promise<Shown['switches']> {
  try {
    const [stopped, asked] = await Promise.all([listSwitches(db), listResumeRequests(db)]);
    return { known: true, value: { stopped, asked } };
  } catch (error) {
    log.error({ err: error }, 'the switches could not be read');
    return { known: false, why: `the switches cannot be read: ${everything} counts as stopped` };
  }
}
