/** Writes the configuration files of the demo's servers into one folder; starts nothing. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ShopPlan {
  /** Everything is written here, and nothing elsewhere. */
  readonly folder: string;
  /** Holds shop.js and payments.js. */
  readonly programFolder: string;
  readonly ports: {
    readonly supervisord: number;
    readonly shop: number;
    readonly payments: number;
    readonly alertmanager: number;
  };
  /** Where alerts are posted, and the bearer token that lets them in. */
  readonly webhook: { readonly url: string; readonly token: string };
  readonly supervisor: { readonly username: string; readonly password: string };
}

export interface ShopFiles {
  readonly supervisordConf: string;
  readonly prometheusYml: string;
  readonly rulesYml: string;
  readonly alertmanagerYml: string;
  readonly tokenFile: string;
  /** The file with the shop's retries. */
  readonly shopJson: string;
}

/** Where the files of a folder are, whether or not they were written yet. */
export function shopFilesIn(folder: string): ShopFiles {
  return {
    supervisordConf: join(folder, 'supervisord.conf'),
    prometheusYml: join(folder, 'prometheus.yml'),
    rulesYml: join(folder, 'rules.yml'),
    alertmanagerYml: join(folder, 'alertmanager.yml'),
    tokenFile: join(folder, 'webhook-token'),
    shopJson: join(folder, 'shop.json'),
  };
}

/** Writes them all anew, the shop's own file too; those with a secret can be read by their owner only. */
export async function writeShopFiles(plan: ShopPlan): Promise<ShopFiles> {
  const files = shopFilesIn(plan.folder);
  await mkdir(plan.folder, { recursive: true });
  await writeSecret(files.supervisordConf, supervisordConf(plan, files));
  await writeSecret(files.tokenFile, plan.webhook.token);
  await writeFile(files.prometheusYml, prometheusYml(plan, files));
  await writeFile(files.rulesYml, rulesYml);
  await writeFile(files.alertmanagerYml, alertmanagerYml(plan, files));
  await writeFile(files.shopJson, shopJson);
  return files;
}

/** With a comment and spaces of its own, so that "byte for byte" means something. */
export const shopJson = `{
  // How often a payment is tried again. Each retry is another request to payments.
  "retries": 5,
  "currency":   "EUR"
}
`;

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

function supervisordConf({ folder, programFolder, ports, supervisor }: ShopPlan, files: ShopFiles) {
  const payments = ['payments.js', '--port', `${ports.payments}`];
  const paymentsUrl = `http://127.0.0.1:${ports.payments}`;
  const shop = ['shop.js', '--port', `${ports.shop}`, '--payments', paymentsUrl];
  return `[supervisord]
nodaemon=true
logfile=${quoted(join(folder, 'supervisord-own.log'))}
pidfile=${quoted(join(folder, 'supervisord.pid'))}
childlogdir=${quoted(folder)}

[inet_http_server]
port=127.0.0.1:${ports.supervisord}
username=${supervisor.username}
password=${quoted(supervisor.password)}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

${programOf('payments', commandOf(programFolder, payments), folder)}
${programOf('shop', commandOf(programFolder, [...shop, '--config', files.shopJson]), folder)}`;
}

/** It stays dead when it dies: bringing it back is what the demo shows. */
function programOf(name: string, command: string, folder: string): string {
  return `[program:${name}]
command=${command}
autostart=true
autorestart=false
startsecs=1
startretries=0
stopwaitsecs=3
redirect_stderr=true
stdout_logfile=${quoted(join(folder, `${name}.log`))}
stdout_logfile_maxbytes=1MB
`;
}

function commandOf(programFolder: string, [script = '', ...args]: readonly string[]): string {
  const words = [process.execPath, join(programFolder, script), ...args];
  return words.map((word) => `"${quoted(word)}"`).join(' ');
}

/** supervisord reads % as the begin of an expression. */
function quoted(text: string): string {
  return text.replaceAll('%', '%%');
}

function prometheusYml({ ports }: ShopPlan, files: ShopFiles): string {
  return `global:
  scrape_interval: 1s
  scrape_timeout: 1s
  evaluation_interval: 1s
rule_files: [${JSON.stringify(files.rulesYml)}]
alerting:
  alertmanagers:
    - static_configs: [{ targets: ['127.0.0.1:${ports.alertmanager}'] }]
scrape_configs:
  - job_name: shop
    static_configs:
      - targets: ['127.0.0.1:${ports.shop}']
        labels: { service: shop }
`;
}

const rulesYml = `groups:
  - name: shop
    rules:
      - record: service:error_ratio:5s
        expr: >-
          (sum by (service) (rate(shop_requests_total{code="502"}[5s])))
          / (sum by (service) (rate(shop_requests_total[5s])) > 0)
      - record: service:attempts_per_request:5s
        expr: >-
          (sum by (service) (rate(shop_upstream_attempts_total[5s])))
          / (sum by (service) (rate(shop_requests_total[5s])) > 0)
      - alert: ServiceDown
        expr: up{job="shop"} == 0
        for: 2s
        labels: { severity: critical, environment: demo }
        annotations: { summary: '{{ $labels.service }} does not answer' }
      - alert: RetryStorm
        expr: service:error_ratio:5s > 0.2 and service:attempts_per_request:5s > 3
        for: 2s
        labels: { severity: warning, environment: demo }
        annotations:
          summary: '{{ $labels.service }} overloads its upstream with retries'
`;

/** group_interval and repeat_interval are short for a demo's sake; a real one would say minutes and hours. */
function alertmanagerYml({ webhook }: ShopPlan, files: ShopFiles): string {
  return `route:
  receiver: belay
  group_by: [alertname, service]
  group_wait: 1s
  group_interval: 2s
  repeat_interval: 6s
receivers:
  - name: belay
    webhook_configs:
      - url: ${JSON.stringify(webhook.url)}
        send_resolved: true
        http_config:
          authorization: { type: Bearer, credentials_file: ${JSON.stringify(files.tokenFile)} }
`;
}
