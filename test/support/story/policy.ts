/** The policy stories run under, and how one of them differs; text of a services.yaml, read by the real parser. */
import type { Level } from '../../../workflows/domain/level.js';

export interface PolicyChange {
  readonly restart?: Level;
  readonly configure?: Level;
  readonly approvalsMin?: number;
  readonly vetoWindow?: string;
  /** Who is asked, and how long each is waited for. */
  readonly chain?: readonly { readonly notify: string; readonly wait: string }[];
}

const chain = [
  { notify: 'on-call', wait: '5m' },
  { notify: 'team-lead', wait: '10m' },
];

/** Restarts at level 4, settings at level 3, a chain of two rungs; JSON is YAML. */
export function policyText(change: PolicyChange = {}): string {
  return JSON.stringify({
    version: 1,
    self: ['belay*', 'process:*/belay*'],
    levels: {
      restart: { warning: change.restart ?? 4 },
      configure: { warning: change.configure ?? 3 },
    },
    approvalsMin: change.approvalsMin ?? 1,
    vetoWindow: change.vetoWindow ?? '0s',
    overseers: ['console'],
    chains: { default: change.chain ?? chain },
    services: Object.fromEntries(
      ['shop', 'cart', 'mail', 'ghost', 'belay-console'].map((name) => [
        name,
        { tier: 'warning', environment: 'demo' },
      ]),
    ),
  });
}
