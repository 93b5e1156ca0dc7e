/**
 * The mappings of the sender `generic`, one for each kind of body that reaches `POST /v1/alerts/generic`. The first whose
 * `when` fits takes the body; a body that none takes is kept unparsed. One is declared like this:
 *
 *   defineMapping({
 *     name: 'probe',
 *     sample: { kind: 'probe', probe: { id: 7, name: 'checkout' }, state: 'down', since: '2026-11-21T01:03:41Z', until: '' },
 *     when: { at: 'kind', is: ['probe'] },
 *     alert: {
 *       fingerprint: ['probe.id'],
 *       name: { constant: 'ProbeDown' },
 *       status: { at: 'state', values: { down: 'firing', up: 'resolved', paused: 'nothing' } },
 *       startsAt: { at: 'since' },
 *       endsAt: { at: 'until' },
 *       service: { at: 'probe.name' },
 *     },
 *   }),
 */
import type { Mapping } from './mapping.js';

export const mappings: readonly Mapping[] = [];
