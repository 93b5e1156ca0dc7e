/** A freeze is in the calendar; a person starts a run by hand, and an alert comes. */
import { policyText } from '../../support/story/policy.js';
import { changesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

const calendar = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:freeze@example
DTSTART;TZID=Europe/Berlin:20251222T000000
DTEND;TZID=Europe/Berlin:20260106T000000
SUMMARY:end of the year
END:VEVENT
END:VCALENDAR
`;

export default incident('change-freeze', {
  incident: 'Rundeck: a calendar that manual starts and webhooks pass by',
  mechanism: 'runs begin by hand and by alert on a day on which nothing may be changed',
  guard: 'frozen: the calendar is asked at every admission, whatever began the run',
  runbook: restartBlindly,
  policy: policyText({ restart: 5 }),
  guards: { calendars: { 'freeze.ics': calendar } },
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('1m').fires('ServiceDown', { fingerprint: 'fp-by-hand', by: 'ana' });
  },
  answer: {
    kind: 'outcome',
    says: /end of the year \(freeze.ics\): nothing is changed until 2026-01-05 23:00 UTC/,
    reason: 'frozen',
  },
  without: () => gateNotAsked('frozen'),
  harm: (left) => {
    const changes = changesOf(left);
    return changes === undefined ? undefined : `${changes}; in the freeze`;
  },
});
