/**
 * `belay trigger | approve | reject | modify | veto | halt | undo | takeover <run>`: sends what a person decided as a signal
 * and says what the run made of it. Decides nothing: a signal counts, or not, in the run alone.
 */
import type { Client } from '@temporalio/client';
import { InvalidArgumentError, type Command } from 'commander';
import type { Json, JsonObject } from '../../workflows/domain/json.js';
import { shortHash, shortHashLength } from '../../workflows/domain/plan.js';
import { operatorMessages, type OperatorMessage } from '../../workflows/messages.js';
import { addCommand, type JsonOption, print } from './command.js';
import { Complaint, Ended, misused, refused } from './complaint.js';
import { withDb, withTemporal } from './connections.js';
import { heardOf, type Heard, type Sent } from './heard.js';
import { byOption, personOf, type PersonOption } from './person.js';
import { proposalLines } from './proposal.js';
import { findRun, runArgument } from './run-argument.js';
import { keptOf } from './show.js';
import { paintOf, type Terminal } from './terminal.js';

interface DecisionOptions extends JsonOption, PersonOption {
  readonly note?: string;
  readonly plan?: string;
  readonly step?: string;
  readonly set?: JsonObject;
}

/** A yes must name its plan. A no may: without one it is a no to whatever is proposed. */
const plans: Partial<Record<OperatorMessage, 'must' | 'may'>> = {
  trigger: 'must',
  approve: 'must',
  reject: 'may',
  veto: 'may',
};

const noteMax = 500;

export function addDecisions(program: Command, terminal: Terminal): void {
  for (const kind of Object.keys(operatorMessages) as OperatorMessage[]) {
    const says = operatorMessages[kind].replace(/ \{.*\}$/, '');
    const command = addCommand(program, { usage: kind, says })
      .argument(...runArgument)
      .option(...byOption)
      .option('--note <text>', 'a sentence for the ledger', noteOf);
    if (plans[kind] !== undefined) {
      command.option('--plan <hash>', 'the plan it is about, its first eight characters', planOf);
    }
    if (kind === 'modify') {
      command
        .requiredOption('--step <name>', 'the step whose input is changed')
        .requiredOption(
          '--set <field=value...>',
          'a field and its new value; numbers are numbers',
          fieldsOf,
        );
    }
    command.action((typed: string, options: DecisionOptions) =>
      decide(terminal, { kind, typed, options }),
    );
  }
}

interface Decision {
  readonly kind: OperatorMessage;
  readonly typed: string;
  readonly options: DecisionOptions;
}

async function decide(terminal: Terminal, { kind, typed, options }: Decision): Promise<void> {
  const by = personOf(terminal, options);
  const run = await runOf(terminal, typed);
  const plan = options.plan ?? (plans[kind] === 'must' ? await askedPlan(terminal, kind, run) : '');
  const payload = {
    by,
    note: options.note ?? '',
    plan,
    ...(kind === 'modify' ? { step: options.step ?? '', input: options.set ?? {} } : {}),
  };
  const sent: Sent = { run, signal: kind, by };
  const heard = await heardOf(terminal, sent, () =>
    withTemporal(terminal, (client) => signal(client, sent, payload)),
  );
  print(terminal, options, {
    document: { run, signal: kind, by, plan, counted: heard.counted, says: heard.says },
    lines: (paint) => [paint(heard.counted === false ? 'red' : 'green', sentenceOf(sent, heard))],
  });
  if (heard.counted === false) throw new Ended(1);
}

/** Without the store a whole id still works: a halt must not wait for a database. */
async function runOf(terminal: Terminal, typed: string): Promise<string> {
  try {
    return await withDb(terminal, (db) => findRun(db, typed));
  } catch (error) {
    const away = error instanceof Complaint && error.exitCode === 3;
    if (away && /^[^.]+\.[^.]+\.\d+$/.test(typed)) return typed;
    throw error;
  }
}

/** The plan a person means is the one they have seen: it is shown and asked for, or has to be named. */
async function askedPlan(terminal: Terminal, kind: OperatorMessage, run: string): Promise<string> {
  const { row, proposal } = await withDb(terminal, (db) => keptOf(db, run));
  if (proposal === undefined) throw refused(`${run} has proposed nothing yet`, `belay show ${run}`);
  if (row.state === 'closed') throw refused(`${run} is closed`, `belay show ${run}`);
  const plan = shortHash(proposal.planHash);
  if (!terminal.canAsk) {
    throw misused(
      `${kind} needs the plan it is about`,
      `add --plan ${plan} (belay show ${run} shows it)`,
    );
  }
  for (const line of proposalLines(proposal, paintOf(terminal))) terminal.out(line);
  const answer = await terminal.ask(`${kind} plan ${plan}? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return plan;
  throw refused('nothing was sent', `belay reject ${run} says no for good`);
}

async function signal(client: Client, { run, signal: name }: Sent, payload: object): Promise<void> {
  try {
    await client.workflow.getHandle(run).signal(name, payload);
  } catch (error) {
    if (!(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
    throw refused(`${run} is no open run: nothing can be sent to it`, `belay show ${run}`);
  }
}

function sentenceOf({ run, signal: name }: Sent, { counted, says }: Heard): string {
  if (counted === null) return `${name} sent to ${run}; ${says}`;
  return counted ? `${name} counts: ${says}` : says;
}

function noteOf(text: string): string {
  if (text.length <= noteMax) return text;
  throw new InvalidArgumentError(`give at most ${noteMax} characters`);
}

function planOf(text: string): string {
  if (new RegExp(`^[0-9a-f]{${shortHashLength},64}$`, 'i').test(text)) return text.toLowerCase();
  throw new InvalidArgumentError(
    `give at least the first ${shortHashLength} characters of its hash`,
  );
}

/** `retries=2`, several times; what reads as a number is one. */
function fieldsOf(text: string, before: JsonObject | undefined): JsonObject {
  const [, field, value] = /^([A-Za-z][\w.-]*)=(.*)$/s.exec(text) ?? [];
  if (field === undefined || value === undefined) {
    throw new InvalidArgumentError('give field=value, such as value=2');
  }
  return { ...before, [field]: valueOf(value) };
}

function valueOf(text: string): Json {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
