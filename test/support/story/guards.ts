/** What the guards of a story go by: texts of the files people write, read by the real parsers. */
import { parseCalendar } from '../../../activities/guards/calendar.js';
import type { ErrorBudgets } from '../../../activities/guards/error-budget.js';
import { fleetSchema, unknownFleet } from '../../../activities/guards/fleet.js';
import { defaultRules, rulesSchema } from '../../../activities/guards/rules.js';
import { createGuardsOf, type Guards } from '../../../activities/guards/source.js';
import { parseYaml } from '../../../activities/guards/yaml.js';

export interface GuardsPlan {
  /** Of a guards.yaml without its version. */
  readonly rules?: string;
  /** Of the services in a fleet.yaml. */
  readonly fleet?: string;
  /** By file name. */
  readonly calendars?: Readonly<Record<string, string>>;
  readonly errorBudgets?: ErrorBudgets;
}

export function guardsOf({ rules, fleet, calendars = {}, errorBudgets }: GuardsPlan): Guards {
  return createGuardsOf({
    rules:
      rules === undefined
        ? defaultRules
        : parseYaml(`version: 1\n${rules}\n`, 'guards.yaml', rulesSchema),
    fleet:
      fleet === undefined
        ? unknownFleet
        : parseYaml(`version: 1\nservices:\n${indented(fleet)}\n`, 'fleet.yaml', fleetSchema),
    calendars: Object.entries(calendars).map(([name, text]) => ({
      name,
      calendar: parseCalendar(text, name, { timeZone: 'UTC' }),
    })),
    ...(errorBudgets === undefined ? {} : { errorBudgets }),
  });
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
