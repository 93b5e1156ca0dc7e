/** The places of a run at which a fault can be put: what each is, what it is called, how often it came. Puts none there. */

/** Of what sort a place is; decides which faults can happen there. */
export const siteKinds = [
  'fact',
  'rehearse',
  'judge',
  'ledger',
  'apply',
  'verify',
  'look',
  'undo',
  'timer',
  'wait',
  'signal',
  'notice',
] as const;
export type SiteKind = (typeof siteKinds)[number];

export interface Site {
  readonly kind: SiteKind;
  /** The same in every run that came the same way here: what is done, and the how-manieth time it is. */
  readonly key: string;
  /** What is asked or done, in the words of the run. */
  readonly says: string;
  readonly nth: number;
  /** True when a worker that dies here takes its whole workflow task with it: nothing but short calls since the last record. */
  readonly losesTask: boolean;
}

/** By the name of the call; a call of no other sort is a fact. */
export function kindOfCall(name: string): SiteKind {
  if (name === 'store.record') return 'ledger';
  if (name === 'store.consider' || name === 'store.admit') return 'judge';
  const part = name.split('.').at(-1);
  const kinds = ['rehearse', 'verify', 'look'] as const;
  return kinds.find((kind) => kind === part) ?? 'fact';
}

/** Numbers equal places in the order they are come to. */
export class Places {
  private readonly seen = new Map<string, number>();

  next(name: string): { readonly key: string; readonly nth: number } {
    const nth = (this.seen.get(name) ?? 0) + 1;
    this.seen.set(name, nth);
    return { key: `${name} #${nth}`, nth };
  }
}

/**
 * A loop of waiting comes to the same place many times: its first two turns and its last stand for all of them.
 * `of` are the sites of one whole run.
 */
export function worthFaulting(of: readonly Site[]): Site[] {
  const last = new Map<string, Site>();
  for (const site of of) last.set(nameOf(site), site);
  return of.filter((site) => site.nth <= 2 || last.get(nameOf(site)) === site);
}

function nameOf({ key }: Site): string {
  return key.slice(0, key.lastIndexOf(' #'));
}
