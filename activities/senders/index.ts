/** The senders Belay understands, one file each; a new sender is a file and a line here. */
import { alertmanager } from './alertmanager.js';
import { azureMonitor } from './azure-monitor.js';
import { cloudevents } from './cloudevents.js';
import { cloudwatch } from './cloudwatch.js';
import { datadog } from './datadog.js';
import { gcpMonitoring } from './gcp-monitoring.js';
import { generic } from './generic.js';
import { github } from './github.js';
import { grafana } from './grafana.js';
import { newrelic } from './newrelic.js';
import { opsgenie } from './opsgenie.js';
import { pagerduty } from './pagerduty.js';
import type { Sender } from './sender.js';
import { sentry } from './sentry.js';
import { standardWebhooks } from './standard-webhooks.js';
import { uptimeKuma } from './uptime-kuma.js';
import { zabbix } from './zabbix.js';

/** `docs/senders.md` has a section for each, in this order. */
export const senders: readonly Sender[] = [
  /** Prometheus Alertmanager, webhook version 4. */
  alertmanager,
  /** Grafana's unified alerting, webhook version 1. */
  grafana,
  /** PagerDuty's incidents, webhooks version 3. */
  pagerduty,
  /** Datadog's monitors, in a payload template of ours. */
  datadog,
  /** Alerts of Opsgenie and Jira Service Management. */
  opsgenie,
  /** Sentry's metric alerts, issues and issue alerts. */
  sentry,
  /** New Relic's issues, through a workflow. */
  newrelic,
  /** CloudWatch alarms, through SNS. */
  cloudwatch,
  /** Azure Monitor, common alert schema. */
  azureMonitor,
  /** Google Cloud Monitoring's incidents. */
  gcpMonitoring,
  /** Zabbix's problems, through a media type of ours. */
  zabbix,
  /** GitHub's workflow runs and deployments. */
  github,
  /** Uptime Kuma's monitors. */
  uptimeKuma,
  /** Our own alert in CloudEvents 1.0. */
  cloudevents,
  /** Our own alert in Standard Webhooks. */
  standardWebhooks,
  /** Anybody's JSON, by a mapping in mappings.ts. */
  generic,
];

/** The sender of this name, or undefined when none is listed. */
export function senderOf(source: string): Sender | undefined {
  return senders.find((sender) => sender.source === source);
}

export type { Parsed, Problem, Sender } from './sender.js';
