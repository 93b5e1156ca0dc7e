/** `belay doctor`: looks at everything Belay needs and names the fix for what is missing. Changes nothing. */
import type { Command } from 'commander';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { Complaint, Ended } from './complaint.js';
import { lookAtDatabase } from './doctor/database.js';
import { lookAtDecisions } from './doctor/decisions.js';
import type { Finding } from './doctor/finding.js';
import { lookAtIntake } from './doctor/intake.js';
import { lookAtMachine } from './doctor/machine.js';
import { lookAtTemporal } from './doctor/temporal.js';
import { reasonOf } from './reason.js';
import type { Paint, Terminal } from './terminal.js';

/** Each looks at one part and answers all it found; a part that is away is one finding. */
const parts = [
  { name: 'machine', look: lookAtMachine },
  { name: 'temporal', look: lookAtTemporal },
  { name: 'postgres', look: lookAtDatabase },
  { name: 'intake', look: lookAtIntake },
  { name: 'decisions', look: lookAtDecisions },
] as const;

/** A part that hangs must not hide what the others have. */
const partWithinMs = seconds(15);

export function addDoctor(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'doctor',
    says: 'Look at everything Belay needs and name the fixes',
  }).action(async (options: JsonOption) => {
    const findings = (await Promise.all(parts.map((part) => findingsOf(part, terminal)))).flat();
    const ok = findings.every(({ state }) => state !== 'fail');
    print(terminal, options, {
      document: { ok, findings },
      lines: (paint) => [...table(findings, paint), '', summary(findings, paint)],
    });
    if (!ok) throw new Ended(1);
  });
}

async function findingsOf(
  { name, look }: (typeof parts)[number],
  terminal: Terminal,
): Promise<Finding[]> {
  const late = new AbortController();
  try {
    return await Promise.race([look(terminal), tooLate(late.signal)]);
  } catch (error) {
    const { what, fix } =
      error instanceof Complaint ? error : { what: reasonOf(messageOf(error)), fix: 'see its log' };
    return [{ name, state: 'fail', says: what, fix }];
  } finally {
    late.abort();
  }
}

function tooLate(over: AbortSignal): Promise<never> {
  return new Promise((_done, failed) => {
    const timer = setTimeout(() => {
      failed(new Error(`no answer within ${partWithinMs / 1000} s`));
    }, partWithinMs);
    over.addEventListener('abort', () => {
      clearTimeout(timer);
    });
  });
}

const stateColour = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function table(findings: readonly Finding[], paint: Paint): string[] {
  return columns(
    findings.map(({ name, state, says, fix }) => {
      const text = fix === undefined ? says : `${says}; ${paint('bold', `fix: ${fix}`)}`;
      return [paint(stateColour[state], state), name, text];
    }),
  );
}

function summary(findings: readonly Finding[], paint: Paint): string {
  const count = (state: Finding['state']): number =>
    findings.filter((finding) => finding.state === state).length;
  const text = `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} wrong`;
  return paint(count('fail') > 0 ? 'red' : 'green', text);
}
