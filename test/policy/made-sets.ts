/** Sets of policies for tests: the shipped one with a change, and small ones written out. */
import { readSetFilesNow } from '../../activities/policy/set-files.js';
import { compileSet, type SetFiles } from '../../activities/policy/set.js';
import type { Rule } from '../../activities/policy/rule.js';

export const shippedPath = 'policies/services.yaml';

export function shippedFiles(): SetFiles {
  return readSetFilesNow(shippedPath);
}

export function shippedRules(): Rule[] {
  return compileSet(shippedFiles()).compiled.map(({ rule }) => rule);
}

const services = `version: 1
self: [belay*]
chains:
  default: [{ notify: on-call, wait: 5m }]
services:
  shop: { tier: warning, environment: demo }
`;

/** A set of one Cedar file; restart at level 3 when nothing is given. */
export function setOf(cedar: string, over: Partial<SetFiles> = {}): SetFiles {
  return {
    services: { name: 'services.yaml', text: services },
    cedar: [{ name: 'levels.cedar', text: cedar }],
    approved: null,
    schema: null,
    accepted: [],
    ...over,
  };
}

/** A policy of one condition. */
export function policyText(id: string, effect: 'permit' | 'forbid', when: string): string {
  return `@id("${id}")\n${effect} (principal, action == Action::"act", resource)\nwhen { ${when} };\n`;
}
