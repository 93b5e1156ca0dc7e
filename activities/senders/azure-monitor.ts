/**
 * Azure Monitor's common alert schema as alerts. An alert instance (`alertId`) is one episode from `firedDateTime`, which its
 * resolution repeats. Stateless alerts (log alerts without auto-resolve, the activity log) are never resolved by Azure.
 */
import { z } from 'zod';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bag, bodyOf, instant, quoted, shaped, textIn, word, words } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'azure-monitor';

const commonSchema = 'azureMonitorCommonAlertSchema';

/** The subscription in every sample that "Test action group" sends. */
const testSubscription = '/subscriptions/11111111-1111-1111-1111-111111111111/';

const statusOf: Readonly<Record<string, AlertStatus>> = { Fired: 'firing', Resolved: 'resolved' };

const envelope = z.looseObject({ schemaId: z.string().min(1), data: z.looseObject({}) });

const essentials = z
  .looseObject({
    alertId: z.string().min(1),
    alertRule: z.string().min(1),
    severity: word,
    signalType: word,
    monitorCondition: z.string().min(1),
    monitoringService: word,
    alertTargetIDs: words,
    configurationItems: words,
    firedDateTime: instant,
    resolvedDateTime: z.unknown().optional(),
    description: word,
    investigationLink: word,
  })
  .refine(
    (told) =>
      told.monitorCondition !== 'Resolved' || instant.safeParse(told.resolvedDateTime).success,
    {
      error: 'is no RFC 3339 instant after 1970, but the alert is resolved',
      path: ['resolvedDateTime'],
    },
  );

const common = z.looseObject({
  data: z.looseObject({ essentials, customProperties: bag }),
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { schemaId } = body.data;
  if (schemaId !== commonSchema)
    return {
      kind: 'unparsed',
      why: `schemaId ${quoted(schemaId)}: enable the common alert schema in the action group`,
    };
  const read = shaped(body.data, common, fixOf);
  if (!read.ok) return read.wrong;
  const told = read.data.data;
  const { alertId, monitorCondition: condition } = told.essentials;
  if (alertId.startsWith(testSubscription))
    return { kind: 'nothing', why: 'a test of the action group' };
  const status = Object.hasOwn(statusOf, condition) ? statusOf[condition] : undefined;
  if (status === undefined)
    return { kind: 'unparsed', why: `monitorCondition ${quoted(condition)} is unknown` };
  return { kind: 'alerts', alerts: [normalise(told, status)], truncated: 0 };
}

export const azureMonitor: Sender = { source, parse };

function normalise(data: z.infer<typeof common>['data'], status: AlertStatus): Alert {
  const { essentials: told, customProperties: own } = data;
  const [target = ''] = told.alertTargetIDs;
  const resource = told.configurationItems[0] || (target.split('/').at(-1) ?? '');
  return alertOf({
    source,
    id: told.alertId,
    name: told.alertRule,
    status,
    severity: told.severity,
    startsAt: told.firedDateTime,
    endsAt: String(told.resolvedDateTime),
    service: textIn(own, 'service') ?? resource,
    environment: textIn(own, 'environment') ?? textIn(own, 'env'),
    labels: {
      resource,
      target,
      signal: told.signalType,
      monitor: told.monitoringService,
      ...own,
    },
    annotations: { description: told.description },
    link: told.investigationLink,
  });
}

/** What the person who set the action group up can change. */
function fixOf(path: string): string {
  if (path === '' || path === 'schemaId' || path === 'data')
    return 'enable the common alert schema in the action group';
  if (path.endsWith('DateTime')) return 'send RFC 3339, such as 2026-11-21T01:03:41.1234567Z';
  return "send Azure Monitor's own body unchanged";
}
