/** What the dispatcher needs of whatever keeps the runs, and how it says that nobody is there; knows no Temporal. */
import type { Alert } from '../../workflows/domain/alert.js';
import type { intakeMessages } from '../../workflows/messages.js';

export interface NewRun {
  /** The run's id: starting it twice is starting it once. */
  readonly run: string;
  readonly runbook: string;
  readonly alert: Alert;
}

export interface IntakeSignal {
  readonly run: string;
  readonly message: keyof typeof intakeMessages;
  readonly note: string;
}

/** Both may be repeated, and both throw `RunsAway` or an error that is about this one run. */
export interface Runs {
  start(run: NewRun): Promise<'started' | 'already-started'>;
  signal(signal: IntakeSignal): Promise<'sent' | 'no-open-run'>;
}

/** Nothing can be started or signalled now, whatever it is: not reachable, overloaded, or our credentials are refused. */
export class RunsAway extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RunsAway';
  }
}
