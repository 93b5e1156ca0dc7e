/** `belay plan`: rehearses a runbook on an alert and prints what it would do and what the gates say. Acts on nothing. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import { runbooks } from '../../runbooks/index.js';
import { runIdOf, type Alert } from '../../workflows/domain/alert.js';
import { levelName } from '../../workflows/domain/level.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import type { Rehearsed } from '../../workflows/rehearsal.js';
import { workflowTypeOf, type RunInput } from '../../workflows/runbook.js';
import { readAlerts } from './alert-source.js';
import { addCommand, print, type JsonOption } from './command.js';
import { Ended, misused, unreachable } from './complaint.js';
import { withTemporal } from './connections.js';
import { sourceOption } from './match.js';
import { personOf } from './person.js';
import { gateLines, proposalLines } from './proposal.js';
import type { Paint, Terminal } from './terminal.js';

interface PlanOptions extends JsonOption {
  readonly alert: string;
  readonly source: string;
  readonly fingerprint?: string;
  readonly within: number;
}

/** Where remediation workers listen. */
export const taskQueue = 'belay';
const withinMaxMs = minutes(10);

export function addPlan(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'plan', says: 'Rehearse a runbook on an alert; acts on nothing' })
    .argument('<runbook>', `one of ${runbooks.map(({ meta }) => meta.name).join(', ')}`)
    .requiredOption(
      '--alert <file>',
      "a sender's body, or a line of belay parse; - reads what is piped in",
    )
    .option(...sourceOption)
    .option('--fingerprint <text>', 'which alert, when the file holds several')
    .option('--within <seconds>', 'give up after so long', secondsOf, seconds(60))
    .action(async (runbook: string, options: PlanOptions) => {
      requireRunbook(runbook);
      const alert = await alertOf(terminal, options);
      const trigger = `person:${personOf(terminal, {})}`;
      const rehearsed = await withTemporal(terminal, (client) =>
        rehearse(client, {
          runbook,
          input: { alert, trigger, rehearseOnly: true },
          withinMs: options.within,
        }),
      );
      print(terminal, options, {
        document: { runbook, alert, ...rehearsed },
        lines: (paint) => linesOf(rehearsed, paint),
      });
      if (rehearsed.kind === 'ended') throw new Ended(1);
    });
}

function requireRunbook(runbook: string): void {
  const names = runbooks.map(({ meta }) => meta.name);
  if (names.includes(runbook)) return;
  throw misused(`there is no runbook "${runbook}"`, `give one of ${names.join(', ')}`);
}

async function alertOf(terminal: Terminal, options: PlanOptions): Promise<Alert> {
  const { alert: file, source, fingerprint } = options;
  const all = await readAlerts(terminal, { file, source });
  const meant = all.filter(
    (alert) => fingerprint === undefined || alert.fingerprint === fingerprint,
  );
  const [first] = meant;
  if (first !== undefined && meant.length === 1) return first;
  const held = all.map((alert) => alert.fingerprint).join(', ');
  throw misused(
    `${file} holds ${meant.length} such alerts`,
    `pass --fingerprint with one of ${held}`,
  );
}

interface Rehearsal {
  readonly runbook: string;
  readonly input: RunInput;
  readonly withinMs: number;
}

/** The workflow ends by itself at the same time: a rehearsal nobody waits for is of no use. */
async function rehearse(
  client: Client,
  { runbook, input, withinMs }: Rehearsal,
): Promise<Rehearsed> {
  const handle = await client.workflow.start(workflowTypeOf(runbook), {
    workflowId: `plan.${runIdOf(runbook, input.alert)}.${randomUUID().slice(0, 8)}`,
    taskQueue,
    args: [input],
    workflowRunTimeout: withinMs,
    staticSummary: 'a rehearsal: acts on nothing',
  });
  const patienceMs = Date.now() + withinMs + seconds(5);
  try {
    return (await client.withDeadline(patienceMs, () => handle.result())) as Rehearsed;
  } catch (error) {
    if (!(error instanceof Error && error.cause instanceof Error)) throw error;
    if (error.cause.name !== 'TimeoutFailure') throw error.cause;
    throw unreachable(
      `no worker answered on task queue ${taskQueue} within ${withinMs / 1000} s`,
      'start the remediation worker (belay up); belay doctor tells who listens',
    );
  }
}

function linesOf(rehearsed: Rehearsed, paint: Paint): string[] {
  if (rehearsed.kind === 'ended') {
    return [paint('yellow', `no plan (${rehearsed.reason}): ${rehearsed.why}`)];
  }
  const { proposal, judgement } = rehearsed;
  const { terms, gates } = judgement;
  const level =
    terms === null ? 'no level: a gate said no' : `level ${terms.level}, ${levelName[terms.level]}`;
  return [
    ...proposalLines(proposal, paint),
    ...gateLines(gates, paint),
    `${paint('bold', 'It would run at')} ${level}`,
    paint('dim', 'Nothing was changed.'),
  ];
}

/** In milliseconds. */
function secondsOf(text: string): number {
  const count = Number(text);
  if (count >= 1 && seconds(count) <= withinMaxMs) return seconds(count);
  throw new InvalidArgumentError(`give seconds, from 1 to ${withinMaxMs / 1000}`);
}
