/** The senders Belay understands, one file each; a new sender is a file and a line here. */
import { alertmanager } from './alertmanager.js';
import type { Sender } from './sender.js';

export const senders: readonly Sender[] = [
  /** Prometheus Alertmanager, webhook version 4. */
  alertmanager,
];

/** The sender of this name, or undefined when none is listed. */
export function senderOf(source: string): Sender | undefined {
  return senders.find((sender) => sender.source === source);
}

export type { Parsed, Problem, Sender } from './sender.js';
