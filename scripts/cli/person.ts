/** Who is typing, as far as this machine knows. A name for the record, never proof of anything. */
import { userInfo } from 'node:os';
import { misused } from './complaint.js';
import type { Terminal } from './terminal.js';

export interface PersonOption {
  readonly by?: string;
}

export const byOption = [
  '--by <person>',
  'who decides; else BELAY_PERSON, else your user name',
] as const;

/** Throws when there is no name at all: an answer of nobody is worth nothing. */
export function personOf({ env }: Pick<Terminal, 'env'>, { by }: PersonOption): string {
  const name = (by ?? env['BELAY_PERSON'] ?? userName()).trim();
  if (name === '') throw misused('nobody is named', 'say who with --by, or set BELAY_PERSON');
  return name;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
