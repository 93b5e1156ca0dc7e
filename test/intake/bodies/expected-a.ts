/** What each body of the eight senders of senders-a.test.ts must give; written by hand, from the bodies beside it. */
import type { Alert } from '../../../workflows/domain/alert.js';

/** An alert without its source; without an end while it fires. */
type Expected = Omit<Alert, 'source' | 'endsAt'> & { readonly endsAt?: string };

export type Golden =
  | { readonly alerts: readonly Expected[]; readonly truncated?: number }
  | { readonly kind: 'nothing' | 'unparsed'; readonly why: string };

const one = (alert: Expected): Golden => ({ alerts: [alert] });
const resolved = (alert: Expected, endsAt: string): Expected => ({
  ...alert,
  status: 'resolved',
  endsAt,
});
const nothing = (why: string): Golden => ({ kind: 'nothing', why });
const unparsed = (why: string): Golden => ({ kind: 'unparsed', why });

const latency: Expected = {
  fingerprint: 'b2f1d0c96a4e7735',
  name: 'CheckoutLatencyHigh',
  status: 'firing',
  severity: 'critical',
  startsAt: '2026-11-20T22:14:10Z',
  service: 'checkout',
  environment: 'production',
  labels: {
    alertname: 'CheckoutLatencyHigh',
    grafana_folder: 'Shop',
    service: 'checkout',
    severity: 'critical',
    environment: 'production',
  },
  annotations: {
    summary: 'p99 of checkout is above 2 s',
    runbook_url: 'https://wiki.example.com/checkout-latency',
  },
  link: 'https://grafana.example.com/alerting/grafana/ce1xk2p7m3ls0b/view?orgId=1',
};

const noData: Expected = {
  fingerprint: '09aa3cd1f7e86b42',
  name: 'DatasourceNoData',
  status: 'firing',
  severity: 'unknown',
  startsAt: '2026-11-21T00:02:30.5+01:00',
  service: 'cart',
  environment: '',
  labels: {
    alertname: 'DatasourceNoData',
    datasource_uid: 'prom-main',
    grafana_folder: 'Shop',
    ref_id: 'A',
    rulename: 'CartErrors',
    job: 'cart',
  },
  annotations: {},
  link: 'https://grafana.example.com/d/cart?orgId=1',
};

const lagLabels = {
  service_id: 'PF9KMXH',
  urgency: 'high',
  incident_key: 'db-primary/replication',
  number: '4711',
  escalation_policy: 'Databases',
};

const lag: Expected = {
  fingerprint: 'Q1R4LLZ0K9TTYE',
  name: 'Replication lag on db-primary above 60 s',
  status: 'firing',
  severity: 'p1',
  startsAt: '2026-11-20T22:14:10Z',
  service: 'orders-db',
  environment: '',
  labels: { ...lagLabels, priority: 'P1' },
  annotations: {},
  link: 'https://shop.pagerduty.com/incidents/Q1R4LLZ0K9TTYE',
};

const errors: Expected = {
  fingerprint: '9c1f0e7a53d24b6689aa01be774cd230',
  name: 'Checkout error rate is high',
  status: 'firing',
  severity: 'p2',
  startsAt: '2026-11-20T22:14:10.000Z',
  service: 'checkout',
  environment: 'production',
  labels: {
    monitor_id: '148275309',
    service: 'checkout',
    env: 'production',
    monitor: 'true',
    team: 'shop',
  },
  annotations: {
    message: 'Errors of checkout above 5 %.\n\nbelay-start 1795212850000\n@webhook-belay',
  },
  link: 'https://app.datadoghq.com/event/event?id=7716548234011234567',
};

const queue: Expected = {
  fingerprint: '199714aafba523a63ba6fa58f6947857',
  name: 'Queue of invoices is stuck',
  status: 'firing',
  severity: 'p1',
  startsAt: '2026-11-20T22:14:10.104Z',
  service: 'invoices',
  environment: 'production',
  labels: {
    service: 'invoices',
    region: 'eu-1',
    oldestSeconds: '641',
    entity: 'invoice-worker',
    source: 'monitor-7',
    env: 'production',
    checkout: 'true',
    severity: 'high',
  },
  annotations: { description: 'No invoice left the queue for 10 minutes.' },
  link: null,
};

const metric: Expected = {
  fingerprint: 'metric-58213',
  name: 'Checkout errors',
  status: 'firing',
  severity: 'critical',
  startsAt: '2026-11-20T22:14:10Z',
  service: 'checkout',
  environment: 'production',
  labels: { project: 'checkout', rule: 'Checkout errors' },
  annotations: {
    summary: 'Critical: Checkout errors',
    description: '1000 events in the last 10 minutes\nFilter: level:error',
  },
  link: 'https://sentry.example.com/organizations/shop/alerts/412/',
};

const sentryIssue: Expected = {
  fingerprint: 'issue-1170820242',
  name: 'TypeError: cart is undefined',
  status: 'firing',
  severity: 'error',
  startsAt: '2026-11-20T22:14:10.320000Z',
  service: 'checkout',
  environment: '',
  labels: { project: 'checkout', issue: 'CHECKOUT-4K', platform: 'node' },
  annotations: { culprit: 'POST /checkout/pay' },
  link: 'https://sentry.example.com/organizations/shop/issues/1170820242/',
};

const relicIssue: Expected = {
  fingerprint: '13bbcdca-f0b6-470d-b0be-b34583c58869',
  name: 'Search latency',
  status: 'firing',
  severity: 'critical',
  startsAt: '2026-11-20T22:14:10.493Z',
  service: 'search-api',
  environment: '',
  labels: {
    entity: 'search-api',
    condition: 'Search latency',
    policy: 'Golden Signals',
    workflow: 'to Belay',
  },
  annotations: {
    summary: "search query result is > 2.0 for 5 minutes on 'Search latency'",
    entities: 'search-api, search-index',
  },
  link: 'https://one.newrelic.com/launcher/issue?id=13bbcdca-f0b6-470d-b0be-b34583c58869&notifier=WEBHOOK',
};

const machine: Expected = {
  fingerprint: 'da894c6e82bf2d628b439954f7191e89',
  name: 'vm-cpu-high',
  status: 'firing',
  severity: 'sev1',
  startsAt: '2026-11-20T22:14:10.3713213Z',
  service: 'shop-vm-2',
  environment: '',
  labels: {
    resource: 'shop-vm-2',
    target:
      '/subscriptions/4f2c7a10-9d0b-4c55-8a36-2f1f0f6f5c21/resourcegroups/shop-rg/providers/microsoft.compute/virtualmachines/shop-vm-2',
    signal: 'Metric',
    monitor: 'Platform',
  },
  annotations: { description: 'CPU above 90 % for 5 minutes' },
  link: 'https://portal.azure.com/#view/Microsoft_Azure_Monitoring_Alerts/Issue.ReactView/alertId/b9569717',
};

const cpu: Expected = {
  fingerprint: 'ccd5d9fbe9566514c4caf31318a3f179',
  name: 'Web CPU high',
  status: 'firing',
  severity: 'error',
  startsAt: '2026-11-20T22:14:10.000Z',
  service: 'web-7',
  environment: 'production',
  labels: {
    instance_name: 'web-7',
    instance_id: '11223344',
    project_id: 'shop-prod',
    zone: 'europe-west3-a',
    project: 'shop-prod',
    resource: 'gce_instance',
    metric: 'compute.googleapis.com/instance/cpu/utilization',
    condition: 'VM Instance - CPU utilization',
    environment: 'production',
  },
  annotations: {
    summary:
      'CPU utilization for shop-prod web-7 is above the threshold of 0.9 with a value of 0.97.',
    description: 'Look at the load balancer first.',
  },
  link: 'https://console.cloud.google.com/monitoring/alerting/alerts/0.nq3k7b2fsv7p?project=shop-prod',
};

/** By source, then by the name of the file. */
export const bodies: Readonly<Record<string, Readonly<Record<string, Golden>>>> = {
  grafana: {
    firing: one(latency),
    resolved: one(resolved(latency, '2026-11-20T22:31:40Z')),
    'mixed-truncated': {
      alerts: [resolved(latency, '2026-11-20T22:31:40Z'), noData],
      truncated: 3,
    },
    'nothing-test': nothing('a test of the contact point'),
    'unknown-legacy': unparsed(
      'a body of the alerting before Grafana 9: it has no episodes; use unified alerting',
    ),
    'unknown-version': unparsed('a webhook version other than 1'),
  },
  pagerduty: {
    firing: one({ ...lag, severity: 'high', labels: lagLabels }),
    reopened: one(lag),
    resolved: one(resolved(lag, '2026-11-20T22:31:40.207Z')),
    'nothing-acknowledged': nothing('event_type "incident.acknowledged"'),
    'nothing-ping': nothing('event_type "pagey.ping"'),
    'unknown-type': unparsed('event_type "incident.merged" is unknown'),
  },
  datadog: {
    firing: one(errors),
    'firing-renotify': one(errors),
    'firing-warn': one({
      ...errors,
      severity: 'warning',
      service: 'unknown',
      environment: '',
      labels: { monitor_id: '148275309' },
      annotations: { message: 'Errors of checkout above 5 %.\n\nbelay-start 1795212850000\n' },
    }),
    resolved: one(resolved(errors, '2026-11-20T22:31:40.000Z')),
    'nothing-test': nothing('a test of the monitor'),
    'nothing-comment': nothing('no monitor changed its state'),
    'unknown-transition': unparsed('transition "Muted" is unknown'),
    'unknown-start': unparsed(
      'the message tells no start: write belay-start {{first_triggered_at_epoch}} once into the message of the monitor',
    ),
  },
  opsgenie: {
    firing: one(queue),
    'firing-id-time': one({
      ...queue,
      fingerprint: '052652ac-5d1c-464a-812a-7dd18bbfba8c-1795212850104',
      service: 'invoice-worker',
      labels: {
        entity: 'invoice-worker',
        source: 'monitor-7',
        env: 'production',
        checkout: 'true',
        severity: 'high',
      },
    }),
    resolved: one(resolved(queue, '2026-11-20T22:31:40.764Z')),
    'resolved-deleted': one(resolved(queue, '2026-11-20T22:31:41.000Z')),
    'nothing-note': nothing('action "AddNote"'),
    'unknown-custom-action': unparsed('action "RestartWorker" is unknown'),
  },
  sentry: {
    'firing-metric': one(metric),
    'warning-metric': one({
      ...metric,
      severity: 'warning',
      annotations: { ...metric.annotations, summary: 'Warning: Checkout errors' },
    }),
    'resolved-metric': one({
      ...resolved(metric, '2026-11-20T22:31:40.120000Z'),
      severity: 'unknown',
      annotations: { ...metric.annotations, summary: 'Resolved: Checkout errors' },
    }),
    'firing-issue': one(sentryIssue),
    'regressed-issue': one(sentryIssue),
    'resolved-issue': one(resolved(sentryIssue, '2026-11-20T22:30:02.000000Z')),
    'firing-event-alert': one({
      fingerprint: '43475ad4b01d16bfb1ae780345472fb4',
      name: 'Very important rule',
      status: 'firing',
      severity: 'error',
      startsAt: '2026-11-20T22:14:12.401000Z',
      service: 'web-3',
      environment: 'production',
      labels: {
        rule: 'Very important rule',
        issue: '1170820242',
        platform: 'node',
        environment: 'production',
        level: 'error',
        server_name: 'web-3',
      },
      annotations: { summary: 'TypeError: cart is undefined', culprit: 'POST /checkout/pay' },
      link: 'https://sentry.example.com/organizations/shop/issues/1170820242/events/e4874d664c3540c1a32eab185f12c5ab/',
    }),
    'nothing-assigned': nothing('issue "assigned"'),
    'nothing-comment': nothing('comment "created"'),
    'unknown-action': unparsed('action "opened" of metric_alert is unknown'),
    'unknown-resource': unparsed('a resource that is unknown, action "completed"'),
  },
  newrelic: {
    firing: one(relicIssue),
    'firing-incident-added': one({
      ...relicIssue,
      service: 'search',
      environment: 'production',
    }),
    resolved: one(resolved(relicIssue, '2026-11-20T22:31:40.101Z')),
    'resolved-closed-at': one({
      ...resolved(relicIssue, '2026-11-20T22:31:40.000Z'),
      name: 'Golden Signals',
      labels: { entity: 'search-api', policy: 'Golden Signals', workflow: 'to Belay' },
      annotations: { entities: 'search-api, search-index' },
    }),
    'nothing-acknowledged': nothing('trigger "ACKNOWLEDGED"'),
    'nothing-created': nothing('state "CREATED"'),
    'unknown-state': unparsed('state "MERGED" is unknown'),
    'unknown-legacy': unparsed('a body of a legacy notification channel: use a workflow'),
  },
  'azure-monitor': {
    firing: one(machine),
    'firing-custom-properties': one({
      ...machine,
      service: 'shop-web',
      environment: 'production',
      labels: {
        ...machine.labels,
        service: 'shop-web',
        environment: 'production',
        priority: '2',
      },
    }),
    resolved: one(resolved(machine, '2026-11-20T22:31:40.2246313Z')),
    'nothing-test': nothing('a test of the action group'),
    'unknown-condition': unparsed('monitorCondition "Suppressed" is unknown'),
    'unknown-schema': unparsed(
      'schemaId "AzureMonitorMetricAlert": enable the common alert schema in the action group',
    ),
  },
  'gcp-monitoring': {
    firing: one(cpu),
    'firing-upper-case': one({
      ...cpu,
      severity: 'no severity',
      service: 'cart',
      environment: '',
      labels: {
        instance_name: 'web-7',
        service_name: 'cart',
        location: 'europe-west3',
        project_id: 'shop-prod',
        project: 'shop-prod',
        resource: 'cloud_run_revision',
        metric: 'compute.googleapis.com/instance/cpu/utilization',
        condition: 'VM Instance - CPU utilization',
      },
    }),
    resolved: one(resolved(cpu, '2026-11-20T22:31:40.000Z')),
    'nothing-test': nothing('a test of the notification channel'),
    'unknown-version': unparsed('version "2.0" is unknown'),
    'unknown-state': unparsed('state "muted" is unknown'),
  },
};
