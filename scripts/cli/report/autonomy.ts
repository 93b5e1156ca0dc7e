/** The part of a report that is about autonomy: what each class of action showed, and what was raised, lowered and drilled. */
import { countTrust, listTrustChanges } from '../../../activities/store/report-trust.js';
import { minuteText, type Reporting } from './part.js';

export const autonomy: Reporting = async (db, span) => {
  const records = await countTrust(db, span);
  const changes = await listTrustChanges(db, span);
  return {
    key: 'autonomy',
    heading: 'What autonomy was earned and lost',
    document: { records, changes },
    says: [
      changes.length === 0 ? 'Nothing was raised, lowered or drilled.' : '',
      ...changes.map(({ at, says }) => `${minuteText(at)} ${says}`),
    ].filter((sentence) => sentence !== ''),
    table: {
      head: ['RECORD', 'LEVEL', 'PROPOSED', 'AGREED', 'DISAGREED', 'HELD', 'OF', 'HIDDEN'],
      rows: records.map(({ record, ...counts }) => {
        const { level, proposed, agreed, disagreed, held, trials, hidden } = counts;
        const numbers = [level, proposed, agreed, disagreed, held, trials, hidden];
        return [record, ...numbers.map(String)];
      }),
    },
    ...(records.length > 0 ? { commands: ['belay maturity'] } : {}),
  };
};
