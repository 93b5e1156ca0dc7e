/** Which monitors are asked and with what, read from the environment; a token is in no error. */
import { hours, seconds } from '../../../workflows/domain/time.js';
import type { Environment } from '../../secrets.js';
import { linesOfFile } from '../../setting-file.js';
import { SettingsError } from '../../settings.js';
import type { AlertmanagerPull } from './alertmanager.js';
import type { GrafanaPull } from './grafana.js';
import type { PagerdutyPull } from './pagerduty.js';

/** Null is not asked. */
export interface PullSettings {
  readonly intervalMs: number;
  readonly alertmanager: AlertmanagerPull | null;
  readonly grafana: GrafanaPull | null;
  readonly pagerduty: PagerdutyPull | null;
}

/** Below it a monitor would be kept busy; above it a lost alert is stale before it is found. */
const intervalMsMin = seconds(10);
const intervalMsMax = hours(1);
const intervalSecondsUsual = 60;
const pagerdutyUrl = 'https://api.pagerduty.com';
const receiverUsual = 'belay';

/** Nothing set asks nobody. Throws a SettingsError that names every wrong one, never its value. */
export function readPullSettings(env: Environment): PullSettings {
  const read: Read = { env, problems: [] };
  const settings: PullSettings = {
    intervalMs: intervalOf(read),
    alertmanager: alertmanagerOf(read),
    grafana: grafanaOf(read),
    pagerduty: pagerdutyOf(read),
  };
  if (read.problems.length > 0) throw new SettingsError(read.problems);
  return settings;
}

interface Read {
  readonly env: Environment;
  readonly problems: string[];
}

function alertmanagerOf(read: Read): AlertmanagerPull | null {
  const urls = listOf(read, 'BELAY_ALERTMANAGER_URL');
  const token = tokenOf(read, 'BELAY_ALERTMANAGER_API_TOKEN');
  urls.forEach((url) => mustBeUrl(read, 'BELAY_ALERTMANAGER_URL', url));
  if (token !== null && urls.length === 0) lacking(read, 'BELAY_ALERTMANAGER_URL');
  const receiver = textOf(read, 'BELAY_ALERTMANAGER_RECEIVER') ?? receiverUsual;
  return urls.length === 0 ? null : { urls, receiver, token };
}

function grafanaOf(read: Read): GrafanaPull | null {
  const url = textOf(read, 'BELAY_GRAFANA_URL');
  const token = tokenOf(read, 'BELAY_GRAFANA_API_TOKEN');
  if (url !== null) mustBeUrl(read, 'BELAY_GRAFANA_URL', url);
  if (url === null && token === null) return null;
  if (url === null) lacking(read, 'BELAY_GRAFANA_URL');
  if (token === null) lacking(read, 'BELAY_GRAFANA_API_TOKEN');
  const receiver = textOf(read, 'BELAY_GRAFANA_RECEIVER') ?? receiverUsual;
  return url === null || token === null ? null : { url, token, receiver };
}

function pagerdutyOf(read: Read): PagerdutyPull | null {
  const token = tokenOf(read, 'BELAY_PAGERDUTY_API_TOKEN');
  const url = textOf(read, 'BELAY_PAGERDUTY_API_URL') ?? pagerdutyUrl;
  const services = listOf(read, 'BELAY_PAGERDUTY_SERVICES');
  mustBeUrl(read, 'BELAY_PAGERDUTY_API_URL', url);
  if (token !== null) return { url, token, services };
  const isMeant = services.length > 0 || textOf(read, 'BELAY_PAGERDUTY_API_URL') !== null;
  if (isMeant) lacking(read, 'BELAY_PAGERDUTY_API_TOKEN');
  return null;
}

function intervalOf(read: Read): number {
  const name = 'BELAY_PULL_INTERVAL_SECONDS';
  const text = textOf(read, name) ?? String(intervalSecondsUsual);
  const intervalMs = seconds(/^\d{1,6}$/.test(text) ? Number(text) : 0);
  if (intervalMs >= intervalMsMin && intervalMs <= intervalMsMax) return intervalMs;
  const range = `${intervalMsMin / seconds(1)} to ${intervalMsMax / seconds(1)}`;
  read.problems.push(`${name} is not usable: give whole seconds from ${range}`);
  return seconds(intervalSecondsUsual);
}

const fixes = {
  BELAY_ALERTMANAGER_URL:
    'give http or https URLs, several with commas, and a token as BELAY_ALERTMANAGER_API_TOKEN',
  BELAY_GRAFANA_URL: 'give the http or https URL of Grafana',
  BELAY_GRAFANA_API_TOKEN: 'give a token of a service account that may read alerts',
  BELAY_PAGERDUTY_API_URL: "give the https URL of PagerDuty's API in your region",
  BELAY_PAGERDUTY_API_TOKEN: 'give a REST API key that may read incidents',
} as const;

function lacking({ problems }: Read, name: keyof typeof fixes): void {
  problems.push(`${name} is not set, but what belongs to it is: ${fixes[name]}`);
}

/** Credentials in a URL would end up in logs, and a query would be cut off. */
function mustBeUrl({ problems }: Read, name: keyof typeof fixes, text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && !/[?#@]/.test(text) && /^https?:$/.test(url.protocol);
  if (!isPlain) problems.push(`${name} is not usable: ${fixes[name]}`);
}

function textOf({ env }: Read, name: string): string | null {
  const text = (env[name] ?? '').trim();
  return text === '' ? null : text;
}

function listOf(read: Read, name: string): string[] {
  const entries = (textOf(read, name) ?? '').split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** From the variable, else from the first line of the file that `<name>_FILE` names. */
function tokenOf(read: Read, name: string): string | null {
  const file = textOf(read, `${name}_FILE`);
  const token = textOf(read, name) ?? (file === null ? null : firstLineOf(read, name, file));
  if (token === null || /^[\x21-\x7e]+$/.test(token)) return token;
  read.problems.push(`${name} is not usable: give it in one line without blanks`);
  return null;
}

function firstLineOf({ problems }: Read, name: string, file: string): string | null {
  const text = linesOfFile(file, `${name}_FILE`, problems).join('\n').trim();
  const [line = ''] = text.split('\n');
  return line === '' ? null : line;
}
