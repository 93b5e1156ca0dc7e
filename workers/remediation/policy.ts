/** Joins the policies with the ledger and the metrics of the process: what changes about the set is told in both. */
import type { Logger } from 'pino';
import { createPolicy, type Policy, type PolicyNews } from '../../activities/policy/source.js';
import type { Db } from '../../activities/store/db.js';
import { writePolicyLine } from '../../activities/store/policy-line.js';
import type { Metrics } from '../metrics.js';

interface Told {
  readonly db: Db;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A line that cannot be written is logged: the set is in force, or refused, all the same. */
export function announcedPolicy(path: string, { db, metrics, log }: Told): Policy {
  let wrong = 0;
  const changes = metrics.counter({
    name: 'belay_policy_changes',
    description: 'Policy sets read, by whether they came into force',
  });
  metrics.gauge(
    { name: 'belay_policy_refused', description: '1 while the policy files are not in force' },
    () => wrong,
  );
  const announce = (news: PolicyNews): void => {
    wrong = news.kind === 'refused' ? 1 : 0;
    changes.add(1, { result: news.kind });
    if (news.kind === 'refused') log.error({ keeps: news.keeps }, news.why);
    else
      log.info({ digest: news.digest.slice(0, 12), policies: news.policies }, 'policies in force');
    writePolicyLine(db, news).catch((error: unknown) => {
      log.error({ err: error }, 'the change of policies could not be written into the ledger');
    });
  };
  return createPolicy({ path, announce });
}
