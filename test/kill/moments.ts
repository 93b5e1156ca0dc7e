/**
 * The moments of a worker at which a crash can make a difference, in one run: each is said on the standard output, and at
 * the chosen one the process kills itself. Changes nothing else about the worker.
 */
import { Context, type ActivityFunction } from '@temporalio/activity';
import { Worker, type WorkerOptions } from '@temporalio/worker';

export interface Doom {
  /** Moments of other runs do not count. */
  readonly run: string;
  /** As `moments` named it; the process dies there. Empty: it only says them. */
  readonly moment: string;
}

/** What opens a line that names a moment, in the worker's output. */
export const momentMark = 'moment: ';

/** Nothing happened for this long after the worker answered: it waits, for a timer or a message. */
const idleAfterMs = 250;

export class Moments {
  private readonly counts = new Map<string, number>();
  private idle: NodeJS.Timeout | undefined;
  private callsUnderWay = 0;

  constructor(private readonly doom: Doom) {}

  /** Told apart from others of the same name by a number. Does not return when it is the chosen one. */
  reached(run: string, name: string): void {
    if (run !== this.doom.run) return;
    clearTimeout(this.idle);
    const count = (this.counts.get(name) ?? 0) + 1;
    this.counts.set(name, count);
    const moment = `${name} ${count}`;
    process.stdout.write(`${momentMark}${moment}\n`); // a file, so it is written at once
    if (moment === this.doom.moment) process.kill(process.pid, 'SIGKILL');
  }

  /** A call of the run, with a moment before it and one after. */
  async call(run: string, name: string, work: () => Promise<unknown>): Promise<unknown> {
    this.reached(run, `${name} begins`);
    this.callsUnderWay += 1;
    try {
      const result = await work();
      this.reached(run, `${name} ended`);
      return result;
    } finally {
      this.callsUnderWay -= 1;
    }
  }

  answered(run: string): void {
    if (run !== this.doom.run) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => {
      if (this.callsUnderWay === 0) this.reached(run, 'idle');
    }, idleAfterMs);
  }
}

/** What of an activation is looked at; the SDK's own type is not exported. */
interface Activation {
  readonly runId: string;
  readonly historyLength: number;
  readonly isReplaying: boolean;
  readonly jobs: readonly {
    readonly initializeWorkflow?: { readonly workflowId: string } | null;
  }[];
}

/** Of the SDK's worker, what stands between the server and workflow code. */
interface Insides {
  handleActivation(workflow: unknown, given: { readonly activation: Activation }): Promise<unknown>;
}

/** From here on every worker made in this process tells its moments. */
export function watchWorkers(moments: Moments): void {
  const create = Worker.create.bind(Worker);
  Worker.create = async (options: WorkerOptions): Promise<Worker> => {
    const { activities = {} } = options;
    const taskQueue = process.env['BELAY_KILL_QUEUE'] ?? '';
    const watched = watchedActivities(activities as Record<string, ActivityFunction>, moments);
    const worker = await create({ ...options, taskQueue, activities: watched });
    watchActivations(worker as unknown as Insides, moments);
    return worker;
  };
}

function watchedActivities(
  activities: Readonly<Record<string, ActivityFunction>>,
  moments: Moments,
): Record<string, ActivityFunction> {
  const watched = Object.entries(activities).map(([name, activity]) => {
    const told: ActivityFunction = (...given: unknown[]) => {
      const run = Context.current().info.workflowExecution?.workflowId ?? '';
      return moments.call(run, name, () => activity(...given));
    };
    return [name, told] as const;
  });
  return Object.fromEntries(watched);
}

/** A history that has grown is one moment, before the workflow hears of it; the turns within one task are told by their calls. */
function watchActivations(worker: Insides, moments: Moments): void {
  const runs = new Map<string, string>();
  const seen = new Map<string, number>();
  const handle = worker.handleActivation.bind(worker);
  worker.handleActivation = async (workflow, given) => {
    const { runId, jobs, historyLength, isReplaying } = given.activation;
    const begun = jobs.find(({ initializeWorkflow }) => initializeWorkflow)?.initializeWorkflow;
    if (begun) runs.set(runId, begun.workflowId);
    const run = runs.get(runId) ?? '';
    const isNew = !isReplaying && (seen.get(runId) ?? 0) < historyLength;
    seen.set(runId, historyLength);
    if (isNew) moments.reached(run, 'history grown');
    const answer = await handle(workflow, given);
    moments.answered(run);
    return answer;
  };
}
