/** What a runbook may do to processes under supervisord. Contracts only. */
import { seconds } from '../domain/time.js';
import { defineAction, defineFact } from './action.js';

/** Which process: `host` is a name from the worker's settings, never an address from an alert. */
export interface ProcessRef {
  readonly host: string;
  readonly process: string;
}

export interface ProcessState {
  /** supervisord's word: STOPPED, STARTING, RUNNING, BACKOFF, STOPPING, EXITED, FATAL or UNKNOWN. */
  readonly state: string;
  /** 0 when there is no process. */
  readonly pid: number;
}

/** The pid in a foretold after-image: a new process, whose number nobody can know before it runs. */
export const anyNewPid = -1;

export interface FoundProcess extends ProcessRef, ProcessState {
  /** RFC 3339 instant of the last change supervisord knows of; the Unix epoch when it never ran. */
  readonly since: string;
}

/** Finds the process that serves a service, by the worker's settings. Fails when the service is not known there. */
export const findProcess = defineFact<{ service: string }, FoundProcess>({
  name: 'supervisor.find',
  timeoutMs: seconds(5),
  attemptsMax: 3,
  telemetry: {
    requires: ['host', 'process', 'state', 'pid'],
    maxAgeMs: seconds(10),
    dated: 'live',
    whenFlawed: 'refuse',
  },
});

export const restartProcess = defineAction<ProcessRef, ProcessState>({
  name: 'supervisor.restart',
  class: 'restart',
  reversal: {
    none: 'the process that ran before is gone; starting it again is all that can be done',
  },
  resource: 'none',
  target: ({ host, process }) => `process:${host}/${process}`,
  describe: ({ host, process }) => `restart ${process} on ${host}`,
  reading: { timeoutMs: seconds(5), attemptsMax: 3 },
  changing: { timeoutMs: seconds(60), attemptsMax: 5 },
});
