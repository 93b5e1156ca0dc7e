/** `belay fire <file>`: posts a sender's body to the intake, as the sender would. Keeps nothing and retries nothing. */
import type { Command } from 'commander';
import { z } from 'zod';
import { decodeJson } from '../../activities/senders/json.js';
import { seconds } from '../../workflows/domain/time.js';
import { addressesOf } from './addresses.js';
import { nameOf, readBody, sourceNames } from './alert-source.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused, unreachable } from './complaint.js';
import { sourceOption } from './match.js';
import { reasonOf } from './reason.js';
import type { Terminal } from './terminal.js';

interface FireOptions extends JsonOption {
  readonly source: string;
  readonly now?: true;
}

const answerWithinMs = seconds(10);

export function addFire(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'fire', says: "Post a sender's body to the intake" })
    .argument('<file>', 'the body; - reads what is piped in')
    .option(...sourceOption)
    .option('--now', 'as if its firing alerts had begun just now: a new episode of each')
    .action(async (file: string, options: FireOptions) => {
      const { source } = options;
      if (!sourceNames.includes(source)) {
        throw misused(`there is no source "${source}"`, `give one of ${sourceNames.join(', ')}`);
      }
      const body = await readBody(terminal, file);
      const sent = options.now === true ? begunNow(body, nameOf({ file })) : body;
      const accepted = await post(terminal, { body: sent, source });
      print(terminal, options, {
        document: { accepted, source },
        lines: (paint) => [
          paint('green', `${accepted} ${accepted === 1 ? 'alert' : 'alerts'} accepted`),
        ],
      });
    });
}

const group = z.looseObject({
  alerts: z.array(z.looseObject({ status: z.string(), startsAt: z.string() })),
});

function begunNow(body: Buffer, name: string): string {
  const decoded = decodeJson(body);
  const parsed = group.safeParse(decoded.ok ? decoded.value : undefined);
  if (!parsed.success) throw refused(`${name} has no alerts to begin now`, 'leave --now out');
  const startsAt = new Date().toISOString();
  const alerts = parsed.data.alerts.map((alert) =>
    alert.status === 'firing' ? { ...alert, startsAt } : alert,
  );
  return JSON.stringify({ ...parsed.data, alerts });
}

interface Post {
  readonly body: Buffer | string;
  readonly source: string;
}

async function post(terminal: Terminal, { body, source }: Post): Promise<number> {
  const { intakeUrl, token } = addressesOf(terminal);
  const url = new URL(`/v1/alerts/${source}`, intakeUrl);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((error: unknown) => {
    throw unreachable(
      `the intake at ${intakeUrl} does not answer (${reasonOf(error)})`,
      'start it (belay up), or set BELAY_INTAKE_URL',
    );
  });
  const answer = answerShape.safeParse(await response.json().catch(() => undefined)).data ?? {};
  if (response.status === 202) return answer.accepted ?? 0;
  if (response.status === 401) {
    throw refused(
      `the intake refuses: ${answer.error ?? 'the secret is wrong'}`,
      'set BELAY_INTAKE_TOKEN to one of its tokens',
    );
  }
  throw refused(
    `the intake answers ${response.status}: ${answer.error ?? 'no reason given'}`,
    answer.fix ?? 'its log tells more',
  );
}

const answerShape = z.looseObject({
  accepted: z.number().optional(),
  error: z.string().optional(),
  fix: z.string().optional(),
});
