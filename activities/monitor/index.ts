/** The monitors as Belay reads them: Prometheus, Alertmanager and the services' own probes. Changes nothing anywhere. */
import {
  alertCleared,
  measure,
  probeAnswers,
  queryBelow,
} from '../../workflows/actions/monitor.js';
import { implementFact, type Implementation } from '../adapter.js';
import { alertClearedBy, type MonitorUrls } from './alert-cleared.js';
import { measureBy } from './measure.js';
import { probeBy, type ProbedService } from './probe.js';
import { queryBelowBy } from './query-below.js';

export type { ProbedService };

export interface MonitorSettings extends MonitorUrls {
  readonly services: Readonly<Record<string, ProbedService>>;
}

/** A monitor that cannot be read makes a check not well; only a missing setting makes it fail. */
export function createMonitorAdapters(settings: MonitorSettings): readonly Implementation[] {
  return [
    implementFact(alertCleared, alertClearedBy(settings)),
    implementFact(probeAnswers, probeBy(settings.services)),
    implementFact(queryBelow, queryBelowBy(settings)),
    implementFact(measure, measureBy(settings)),
  ];
}
