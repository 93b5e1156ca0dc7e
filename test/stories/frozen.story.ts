/** The calendar says that nothing is changed now. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

const calendar = `BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:freeze@example
DTSTART:20250101T000000Z
DTEND:20990101T000000Z
SUMMARY:change freeze
CATEGORIES:service:shop
END:VEVENT
END:VCALENDAR
`;

export default story('frozen', {
  says: 'withholds with frozen what a calendar forbids, and says until when',
  runbook: restartService,
  guards: { calendars: { 'freeze.ics': calendar } },
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '1m').expects('outcome', /^withheld: change freeze \(freeze.ics\)/);
  },
});
