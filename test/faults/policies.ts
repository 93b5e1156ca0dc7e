/** The policies of the fault matrix, parsed once: those runs begin under, and those somebody changes them to meanwhile. */
import { parsePolicy } from '../../activities/policy/parse.js';
import type { PolicyTable } from '../../activities/policy/table.js';
import { policyText } from '../support/story/policy.js';

export const policyNames = [
  'alone',
  'veto-window',
  'approval',
  'two-approvals',
  'nothing',
] as const;
export type PolicyName = (typeof policyNames)[number];

const texts: Readonly<Record<PolicyName, string>> = {
  alone: policyText({ restart: 5, configure: 5 }),
  'veto-window': policyText({ restart: 4, configure: 4, vetoWindow: '2m' }),
  approval: policyText({ restart: 3, configure: 3 }),
  'two-approvals': policyText({ restart: 3, configure: 3, approvalsMin: 2 }),
  nothing: JSON.stringify({ ...(JSON.parse(policyText()) as object), levels: {} }),
};

export const policies = Object.fromEntries(
  policyNames.map((name) => [name, parsePolicy(texts[name], name)]),
) as Readonly<Record<PolicyName, PolicyTable>>;

/** How many people must have said yes before anything is changed; undefined where nothing may be changed at all. */
export const approvalsUnder: Readonly<Record<PolicyName, number | undefined>> = {
  alone: 0,
  'veto-window': 0,
  approval: 1,
  'two-approvals': 2,
  nothing: undefined,
};
