/** The alert a runbook is made for, out of a body of any sender or lines of `belay parse`. Writes nothing. */
import type { Alert } from '../../../workflows/domain/alert.js';
import { nameOf, readAlerts, type AlertFile } from '../alert-source.js';
import { misused } from '../complaint.js';
import type { Terminal } from '../terminal.js';

export interface Wanted extends AlertFile {
  readonly fingerprint: string | undefined;
}

/** Throws a complaint unless the file holds alerts of one name; of those a firing one, else the first. */
export async function sampleOf(terminal: Terminal, wanted: Wanted): Promise<Alert> {
  const all = await readAlerts(terminal, wanted);
  const { fingerprint } = wanted;
  const meant = all.filter(
    (alert) => fingerprint === undefined || alert.fingerprint === fingerprint,
  );
  const names = new Set(meant.map(({ name }) => name));
  const sample = meant.find(({ status }) => status === 'firing') ?? meant[0];
  if (sample !== undefined && names.size === 1) return sample;
  const held = all.map((alert) => `${alert.fingerprint} (${alert.name})`).join(', ');
  const what = `${nameOf(wanted)} holds alerts of ${names.size} names`;
  throw misused(what, all.length === 0 ? 'give one with an alert' : `pass --fingerprint: ${held}`);
}

/** What is kept of it beside the runbook: all that routing and a rehearsal look at, and no prose. */
export function keptOf(sample: Alert): Alert {
  return { ...sample, annotations: {}, link: null };
}

/** Prose of the sender about it, the words people look for first. */
export function proseOf({ annotations }: Alert): [string, string][] {
  const first = ['summary', 'description', 'message', 'runbook_url'];
  return first.flatMap((name): [string, string][] => {
    const text = annotations[name];
    return text === undefined || text.trim() === '' ? [] : [[name, text]];
  });
}

/** Shorter values, such as `1` or `eu`, are in a name by chance. */
const tellingMin = 4;

/** What a person should know of an alert before they rely on its name. */
export function cautionsOf({ name, service, labels }: Alert): string[] {
  const held = Object.entries(labels).find(([label, value]) => {
    return (
      label !== 'alertname' && value.length >= tellingMin && value !== name && name.includes(value)
    );
  });
  return [
    ...(service === 'unknown' ? ['its alert names no service: give the rule a service label'] : []),
    ...(held === undefined
      ? []
      : [
          `its alert's name holds its ${held[0]}: those of another one go elsewhere, so handle other labels`,
        ]),
  ];
}
