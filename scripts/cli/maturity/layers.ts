/** Rates the layers beneath all runbooks, some of them service by service: the lowest is the ceiling of everything above. Pure. */
import { layers, perService, type Layer } from './answers.js';
import { rated, share, type Looked, type Measure, type Rating } from './ratings.js';

/** In the order of the list. */
export function rateLayers(looked: Looked): Rating[] {
  return Object.entries(layers).map(([name, question]) => {
    const service = perService.find((layer) => layer === name);
    if (service !== undefined) return acrossServices({ name: service, question }, looked);
    const told = looked.answers.layers[name as Layer];
    return rated({ name, question }, measureOf(name as Layer, looked), told);
  });
}

function measureOf(layer: Layer, { layers: seen }: Looked): Measure {
  if (layer === 'coverage') {
    const names = seen.matchedNames + seen.unmatchedNames;
    return share(seen.matchedNames, names, 'kinds of alert found a runbook');
  }
  if (layer === 'oversight') return share(seen.delivered, seen.notices, 'notices arrived');
  return undefined;
}

interface PerService {
  readonly name: (typeof perService)[number];
  readonly question: string;
}

/** The mean over the services that policy names; each is said unless it is a plain yes. */
function acrossServices({ name, question }: PerService, looked: Looked): Rating {
  const each = looked.services.map((service) => ({ service, ...ofService(name, service, looked) }));
  const lacking = each.filter(({ rate }) => rate < 1);
  const sum = each.reduce((total, { rate }) => total + rate, 0);
  const says = [
    `${each.length - lacking.length} of ${each.length} services`,
    ...lacking.slice(0, servicesSaidMax).map(({ service, says }) => `${service}: ${says}`),
    ...(lacking.length > servicesSaidMax ? [`and ${lacking.length - servicesSaidMax} more`] : []),
  ].join('; ');
  const by = (['nobody', 'people', 'measured'] as const).find((who) =>
    each.some((one) => one.by === who),
  );
  return {
    name,
    question,
    rate: each.length === 0 ? 0 : sum / each.length,
    by: by ?? 'nobody',
    says,
  };
}

/** A list that nobody reads to its end tells nothing. */
const servicesSaidMax = 5;

function ofService(name: PerService['name'], service: string, looked: Looked): Rating {
  const { answers, layers: seen } = looked;
  const told = answers.services[service]?.[name] ?? answers.layers[name];
  const heard = name === 'observability' && seen.heard.includes(service);
  // An alert that came in shows that something looks; no alert shows nothing.
  const measure: Measure = heard ? [1, 'alerts came in'] : undefined;
  return rated({ name, question: layers[name] }, measure, told);
}
