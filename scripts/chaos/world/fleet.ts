/**
 * A thousand services with real dependencies: what is down makes those above it sick, too many retries make a congestion worse.
 * It does whatever it is told, twice if told twice, and writes down every change: seeing doubles is what it is for.
 */
import { createHash } from 'node:crypto';

export type Fault = 'down' | 'amplifying';
export type Verb = 'restart' | 'retries';

/** One change that was asked of the fleet, done right then. */
export interface Mutation {
  readonly operation: string;
  readonly target: string;
  readonly service: string;
  readonly verb: Verb;
  readonly atMs: number;
  /** What it was changed from and to, in words. */
  readonly says: string;
}

/** A service as it is seen from outside. */
export interface Seen {
  readonly state: 'RUNNING' | 'EXITED';
  readonly pid: number;
  readonly since: string;
  readonly retries: number;
  /** How often somebody other than us wrote the settings file. */
  readonly revision: number;
  /** Of the settings file. */
  readonly sha256: string;
  /** The operation that changed it last, by what was changed; empty when none did since the last fault. */
  readonly lastOperation: { readonly restart: string; readonly retries: string };
  readonly well: boolean;
  readonly errorRatio: number;
}

interface Service {
  readonly name: string;
  readonly needs: readonly Service[];
  pid: number;
  sinceMs: number;
  retries: number;
  revision: number;
  congested: boolean;
  readonly last: { restart: string; retries: string };
}

const stormyRetries = 6;
const calmRetriesMax = 3;
/** The first fifth are what the others stand on. */
const foundationShare = 0.2;
export const fleetSize = 1_000;
export const host = 'fleet';

export function serviceName(index: number): string {
  return `service-${index}`;
}

export class Fleet {
  readonly journal: Mutation[] = [];
  private readonly services = new Map<string, Service>();
  private pids = 1_000;

  constructor() {
    for (let index = 0; index < fleetSize; index += 1) {
      const needs = needsOf(index).map((number) => this.of(serviceName(number)));
      const service = this.born(serviceName(index), needs);
      this.services.set(service.name, service);
    }
  }

  see(name: string): Seen | undefined {
    const service = this.services.get(name);
    if (service === undefined) return undefined;
    const errorRatio = errorRatioOf(service);
    return {
      state: service.pid === 0 ? 'EXITED' : 'RUNNING',
      pid: service.pid,
      since: new Date(service.sinceMs).toISOString(),
      retries: service.retries,
      revision: service.revision,
      sha256: fileOf(service),
      lastOperation: { ...service.last },
      well: answers(service),
      errorRatio,
    };
  }

  /** Something breaks by itself: no operation, and no line in the journal. */
  breakDown(name: string, fault: Fault): void {
    const service = this.of(name);
    if (fault === 'down') {
      service.pid = 0;
      service.sinceMs = Date.now();
      service.last.restart = '';
      return;
    }
    service.congested = true;
    service.retries = stormyRetries;
    service.revision += 1;
    service.last.retries = '';
  }

  restart(name: string, operation: string): void {
    const service = this.of(name);
    const before = service.pid;
    this.pids += 1;
    service.pid = this.pids;
    service.sinceMs = Date.now();
    service.last.restart = operation;
    const says = `pid ${before} to ${service.pid}`;
    this.note({
      operation,
      service: name,
      verb: 'restart',
      target: `process:${host}/${name}`,
      says,
    });
  }

  setRetries(name: string, operation: string, value: number): void {
    const service = this.of(name);
    const before = service.retries;
    service.retries = value;
    service.last.retries = operation;
    const says = `retries ${before} to ${value}`;
    this.note({
      operation,
      service: name,
      verb: 'retries',
      target: `setting:${name}/retries`,
      says,
    });
  }

  private note(change: Omit<Mutation, 'atMs'>): void {
    this.journal.push({ ...change, atMs: Date.now() });
  }

  private of(name: string): Service {
    const service = this.services.get(name);
    if (service === undefined) throw new RangeError(`there is no service ${name}`);
    return service;
  }

  private born(name: string, needs: readonly Service[]): Service {
    this.pids += 1;
    const last = { restart: '', retries: '' };
    const fresh = {
      pid: this.pids,
      sinceMs: Date.now(),
      retries: 2,
      revision: 0,
      congested: false,
    };
    return { name, needs, last, ...fresh };
  }
}

/** Which services a service stands on, by their numbers: those above the foundation on one or two of it. */
export function needsOf(index: number): readonly number[] {
  const founded = fleetSize * foundationShare;
  if (index < founded) return [];
  const first = (index * 7) % founded;
  return index % 2 === 0 ? [first, (index * 13 + 5) % founded] : [first];
}

function answers(service: Service): boolean {
  return service.pid !== 0 && service.needs.every(({ pid }) => pid !== 0);
}

function errorRatioOf(service: Service): number {
  if (!answers(service)) return 1;
  return service.congested && service.retries > calmRetriesMax ? 0.6 : 0;
}

/** A revision is in it, as a comment with a date would be: the same value written anew by somebody else is another file. */
export function fileOf({
  name,
  retries,
  revision,
}: Pick<Service, 'name' | 'retries' | 'revision'>): string {
  return createHash('sha256').update(`${name}\n${retries}\n${revision}\n`).digest('hex');
}
