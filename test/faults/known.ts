/**
 * What the matrix found and the engine does not mend yet: each with its story in one sentence and exactly the laws it may break.
 * An entry that no case needs any more fails the test: it is to be taken out.
 */
import { faults, type Fault } from './fault.js';

interface Known {
  readonly says: string;
  readonly when: (faults: readonly Fault[]) => boolean;
  readonly breaks: RegExp;
}

function losesTask(planned: readonly Fault[]): boolean {
  return planned.some(({ name }) => 'losesTask' in faults[name]);
}

export const known = {
  'intent-of-a-lost-task': {
    says:
      'a worker dies between an admission and the record of its workflow task; told again the run is refused or halted, ' +
      'and the intent that the admission wrote comes to nothing',
    when: losesTask,
    breaks: /: an intent came to nothing$/,
  },
  'outcome-of-a-lost-task': {
    says:
      'a worker dies between the outcome it wrote and the record of its workflow task; told again, the run finds itself ' +
      'closed or the world changed, comes to another outcome and writes that one too',
    when: losesTask,
    breaks:
      /: outcomes: |the last entry is not "closed"$|ledger and report disagree|came to something without an intent$/,
  },
} as const satisfies Record<string, Known>;

export type KnownName = keyof typeof known;
export const knownNames = Object.keys(known) as KnownName[];

/** The findings that explain every law that broke; undefined when some law broke for another reason. */
export function explained(
  planned: readonly Fault[],
  broken: readonly string[],
): readonly KnownName[] | undefined {
  const names = knownNames.filter((name) => {
    return known[name].when(planned) && broken.some((law) => known[name].breaks.test(law));
  });
  const every = broken.every((law) => names.some((name) => known[name].breaks.test(law)));
  return every ? names : undefined;
}
