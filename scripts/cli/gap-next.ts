/** What a gap needs next: the command that writes a runbook for it, or what else is missing. Pure; runs nothing. */
import type { Gap } from '../../activities/store/gaps.js';
import { runbooks } from '../../runbooks/index.js';
import { route, runbookLabel } from '../../workflows/domain/routing.js';
import { shellWord } from './shell-word.js';

export interface Next {
  /** The runbook that takes such an alert by now. */
  readonly takenBy: string | null;
  /** Writes a runbook for it; null where another one is not what is missing. */
  readonly command: string | null;
  /** What is, where no command is given. */
  readonly says: string | null;
}

/** By the runbooks there are now: the alert was judged by those there were then. */
export function nextOf({ name, alert }: Pick<Gap, 'name' | 'alert'>): Next {
  const { runbook, why, considered } = route(runbooks, alert);
  if (runbook !== null) return { takenBy: runbook, command: null, says: null };
  const named = alert.labels[runbookLabel];
  const meant = considered.some((entry) => entry.matches || entry.runbook === named);
  if (meant) return { takenBy: null, command: null, says: why };
  const command = `belay gaps --alert ${shellWord(name)} | belay new runbook --from-alert -`;
  return { takenBy: null, command, says: null };
}
