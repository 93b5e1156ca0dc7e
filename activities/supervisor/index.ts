/** supervisord as Belay uses it: finds the process of a service and restarts it. Knows the hosts it was told, no others. */
import {
  findProcess,
  restartProcess,
  type FoundProcess,
  type ProcessRef,
} from '../../workflows/actions/supervisor.js';
import { Failure } from '../../workflows/domain/failure.js';
import { instantText } from '../../workflows/domain/time.js';
import {
  implementAction,
  implementFact,
  type FactAdapter,
  type Implementation,
} from '../adapter.js';
import { SupervisorClient, type SupervisorHost } from './client.js';
import { restartAdapter, stateOf, type ClientOf } from './restart.js';

export type { SupervisorHost };

export interface SupervisorSettings {
  readonly hosts: Readonly<Record<string, SupervisorHost>>;
  /** Which process serves a service: the only ones that can be found, and the only ones that can be restarted. */
  readonly services: Readonly<Record<string, ProcessRef>>;
  /** Unix milliseconds; the machine's clock unless given. */
  readonly now?: () => number;
}

/** Throws a RangeError that names the place when a service stands on a host that is not in the settings. */
export function createSupervisorAdapters(settings: SupervisorSettings): readonly Implementation[] {
  const clientOf = clientsOf(settings);
  return [
    implementFact(findProcess, finderOf(settings, clientOf)),
    implementAction(restartProcess, restartAdapter(clientOf, settings.now ?? Date.now)),
  ];
}

function clientsOf({ hosts, services }: SupervisorSettings): ClientOf {
  const clients = new Map(
    Object.entries(hosts).map(([name, host]) => [name, new SupervisorClient(name, host)]),
  );
  for (const [service, { host }] of Object.entries(services)) {
    if (clients.has(host)) continue;
    throw new RangeError(`services.${service}.host is "${host}": add it to hosts`);
  }
  const refs = Object.values(services);
  return ({ host, process }) => {
    const client = clients.get(host);
    const isOurs = refs.some((ref) => ref.host === host && ref.process === process);
    if (client !== undefined && isOurs) return client;
    const fix = 'add it to services with host and process';
    throw new Failure(
      'refused',
      `process "${process}" on "${host}" is not in the settings: ${fix}`,
    );
  };
}

function finderOf(
  { services }: SupervisorSettings,
  clientOf: ClientOf,
): FactAdapter<{ service: string }, FoundProcess> {
  return async ({ service }, { signal }) => {
    const ref = Object.hasOwn(services, service) ? services[service] : undefined;
    if (ref === undefined) {
      const fix = `add services.${service} with host and process`;
      throw new Failure('failed', `no process of service "${service}" is in the settings: ${fix}`);
    }
    const info = await clientOf(ref).info(ref.process, signal);
    const since = instantText(Math.max(info.start, info.stop) * 1000);
    return { host: ref.host, process: ref.process, ...stateOf(info), since };
  };
}
