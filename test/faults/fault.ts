/** The faults there are: of which kind K1 to K11 each is, at which sites it can happen, and what happens, in a sentence. Data only. */
import type { Site, SiteKind } from './site.js';

export const faultKinds = [
  'K1',
  'K2',
  'K3',
  'K4',
  'K5',
  'K6',
  'K7',
  'K8',
  'K9',
  'K10',
  'K11',
] as const;
export type FaultKind = (typeof faultKinds)[number];

const readings = ['fact', 'rehearse', 'verify', 'look'] as const;
const shortCalls = [...readings, 'judge', 'ledger'] as const;
/** The ledger is waited for however long it is away: it never fails for good. */
const givenUp = [...readings, 'judge'] as const;
const effects = ['apply', 'undo'] as const;
const waits = ['timer', 'wait'] as const;
const anywhere = [...shortCalls, ...effects, ...waits, 'signal', 'notice'] as const;

interface FaultDeclaration {
  readonly kind: Exclude<FaultKind, 'K9'>;
  readonly at: readonly SiteKind[];
  readonly says: string;
  /** It stands for its kind where two faults are put together. */
  readonly standsFor?: true;
  /** The worker's whole workflow task is lost: only where no effect or timer is under way. */
  readonly losesTask?: true;
}

export const faults = {
  'error-once': {
    kind: 'K1',
    at: [...shortCalls, ...effects],
    says: 'fails once, and may be tried again',
    standsFor: true,
  },
  'error-always': {
    kind: 'K1',
    at: [...givenUp, ...effects],
    says: 'fails at every attempt, and may be tried again',
  },
  'says-no': {
    kind: 'K2',
    at: [...givenUp, ...effects],
    says: 'fails for good',
    standsFor: true,
  },
  refuses: { kind: 'K2', at: effects, says: 'refuses' },
  'done-then-error': {
    kind: 'K3',
    at: effects,
    says: 'takes effect, and then its adapter says that it cannot tell',
    standsFor: true,
  },
  'done-then-retry': {
    kind: 'K3',
    at: [...shortCalls, ...effects],
    says: 'is done, and then fails so that it is tried again',
  },
  'answer-lost': {
    kind: 'K3',
    at: effects,
    says: 'is done and remembered, and its answer is lost for good',
  },
  'killed-before': {
    kind: 'K4',
    at: effects,
    says: 'its worker is killed before it begins',
    standsFor: true,
  },
  'killed-claimed': {
    kind: 'K4',
    at: effects,
    says: 'its worker is killed with the claim in hand, before the effect',
  },
  'killed-always': {
    kind: 'K4',
    at: effects,
    says: 'its worker is killed at every attempt, before it begins',
  },
  'task-lost-before': {
    kind: 'K4',
    at: shortCalls,
    says: 'the worker is killed before this call, with every short call since the last record',
    standsFor: true,
    losesTask: true,
  },
  'killed-done': {
    kind: 'K5',
    at: effects,
    says: 'its worker is killed after the effect, before it is remembered',
    standsFor: true,
  },
  'task-lost-after': {
    kind: 'K5',
    at: shortCalls,
    says: 'the worker is killed after this call, with every short call since the last record',
    standsFor: true,
    losesTask: true,
  },
  'killed-settled': {
    kind: 'K6',
    at: effects,
    says: 'its worker is killed once it is remembered, before its report',
  },
  replayed: {
    kind: 'K6',
    at: [...shortCalls, ...effects, ...waits],
    says: 'the worker is killed after the report, and another replays the history',
    standsFor: true,
  },
  twice: {
    kind: 'K7',
    at: [...shortCalls, ...effects],
    says: 'is done twice at once',
    standsFor: true,
  },
  'sent-twice': { kind: 'K7', at: ['signal'], says: 'is sent twice', standsFor: true },
  'zombie-slow': {
    kind: 'K7',
    at: effects,
    says: 'its first attempt is slow and thought dead; a second begins while it lives',
  },
  'zombie-frozen': {
    kind: 'K7',
    at: effects,
    says: 'its first attempt is frozen with the claim in hand and wakes when a second has acted',
  },
  'zombie-late': {
    kind: 'K7',
    at: effects,
    says: 'its first attempt begins only when a second is done',
  },
  'hangs-once': {
    kind: 'K8',
    at: [...shortCalls, ...effects],
    says: 'hangs until its time is up, once',
    standsFor: true,
  },
  'hangs-always': {
    kind: 'K8',
    at: [...givenUp, ...effects],
    says: 'hangs until its time is up, at every attempt',
  },
  'hangs-done': { kind: 'K8', at: effects, says: 'takes effect, and then hangs until time is up' },
  late: {
    kind: 'K8',
    at: [...waits, 'signal'],
    says: 'comes ten minutes late',
    standsFor: true,
  },
  moved: {
    kind: 'K10',
    at: anywhere,
    says: 'somebody else changes its target meanwhile',
    standsFor: true,
  },
  healed: { kind: 'K10', at: anywhere, says: 'the symptom is gone meanwhile' },
  rival: { kind: 'K10', at: anywhere, says: 'another run asks for the same targets meanwhile' },
  'stop-everything': {
    kind: 'K11',
    at: anywhere,
    says: 'a person stops everything',
    standsFor: true,
  },
  'stop-service': { kind: 'K11', at: anywhere, says: 'a person stops the service' },
  'switch-unreadable': { kind: 'K11', at: anywhere, says: 'the switch cannot be read any more' },
  'policy-asks': { kind: 'K11', at: anywhere, says: 'policy becomes level 3 with two approvals' },
  'policy-forbids': {
    kind: 'K11',
    at: anywhere,
    says: 'policy permits nothing any more',
  },
  reject: { kind: 'K11', at: anywhere, says: 'a person sends reject' },
  veto: { kind: 'K11', at: anywhere, says: 'a person sends veto' },
  halt: { kind: 'K11', at: anywhere, says: 'a person sends halt', standsFor: true },
  takeover: { kind: 'K11', at: anywhere, says: 'a person takes over' },
  undo: { kind: 'K11', at: anywhere, says: 'a person sends undo' },
  resolved: { kind: 'K11', at: anywhere, says: 'the sender says that the alert is over' },
} as const satisfies Record<string, FaultDeclaration>;

export type FaultName = keyof typeof faults;
export const faultNames = Object.keys(faults) as FaultName[];

/** One fault at one site. */
export interface Fault {
  readonly site: Site;
  readonly name: FaultName;
}

/** What can go wrong here, of all there is. */
export function faultsAt(site: Site): FaultName[] {
  return faultNames.filter((name) => {
    const declared: FaultDeclaration = faults[name];
    if (!declared.at.includes(site.kind)) return false;
    return declared.losesTask !== true || site.losesTask;
  });
}

/** Those that stand for their kind where every pair is played. */
export function standingFor(names: readonly FaultName[]): FaultName[] {
  return names.filter((name) => 'standsFor' in faults[name]);
}

/** The fault matrix's column: at an undo everything that is the undo's own doing is K9. */
export function columnOf({ site, name }: Fault): FaultKind {
  const { kind } = faults[name];
  return site.kind === 'undo' && kind !== 'K10' && kind !== 'K11' ? 'K9' : kind;
}

/** For people: `verify: set retries of shop to 3 #1: hangs until its time is up, once (K8 hangs-once)`. */
export function sentenceOf(fault: Fault): string {
  return `${fault.site.key}: ${faults[fault.name].says} (${columnOf(fault)} ${fault.name})`;
}
