/** How a person can answer a run now, as commands to copy; sends nothing. */
import type { RunRow } from '../../activities/store/schema.js';
import { signalRequired } from '../../workflows/domain/level.js';
import { shortHash, type Proposal } from '../../workflows/domain/plan.js';
import { boundName, type OperatorMessage } from '../../workflows/messages.js';
import type { RunStatus } from '../../workflows/runtime.js';
import { section } from './proposal.js';
import type { Paint } from './terminal.js';

export interface Answerable {
  readonly row: Pick<RunRow, 'run' | 'state' | 'level'>;
  readonly status: RunStatus | undefined;
  readonly proposal: Proposal;
}

export function answerLines(asked: Answerable, paint: Paint): string[] {
  const { run, state } = asked.row;
  if (state === 'waiting' || asked.status?.state === 'waiting') {
    return section('How to answer', waitingLines(asked), paint);
  }
  if (state === 'watching') return section('How to answer', [`belay undo ${run}`], paint);
  if (state === 'closed') return [];
  return section('How to answer', [`belay halt ${run}`, `belay takeover ${run}`], paint);
}

function waitingLines({ row, status, proposal }: Answerable): string[] {
  const plan = shortHash(status?.proposal?.planHash ?? proposal.planHash);
  const kinds = answersOf(status, row.level);
  const [first] = kinds;
  const gate = status?.offers[0]?.gate;
  return [
    ...kinds.map((kind) => `belay ${kind} ${row.run} --plan ${plan}`),
    ...modifyLines(row.run, proposal),
    `belay halt ${row.run}`,
    `belay takeover ${row.run}`,
    ...(first === undefined || gate === undefined
      ? []
      : [`temporal workflow signal -w ${row.run} --name ${boundName(first, gate, plan)}`]),
  ];
}

/** As the run offers it; when it cannot be asked, as its level says. */
function answersOf(status: RunStatus | undefined, level: RunRow['level']): OperatorMessage[] {
  const offered = status?.offers.map(({ kind }) => kind) ?? [];
  if (offered.length > 0) return offered;
  const required = level === null ? undefined : signalRequired(level);
  return required === undefined ? ['veto'] : [required, 'reject'];
}

function modifyLines(run: string, { steps }: Proposal): string[] {
  return steps.flatMap((step) =>
    Object.keys(step.bounds).map(
      (field) => `belay modify ${run} --step ${step.name} --set ${field}=...`,
    ),
  );
}
