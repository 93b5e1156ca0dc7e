/** What decides: the set of policies and the files of the guards, read as the engine reads them. Changes nothing, asks nobody. */
import { dirname, join } from 'node:path';
import { createGuards, noErrorBudgets } from '../../../activities/guards/source.js';
import { Complaint } from '../complaint.js';
import { loadedSet, servicesPathOf } from '../policy/the-set.js';
import type { Terminal } from '../terminal.js';
import { fail, ok, type Finding } from './finding.js';

export async function lookAtDecisions(terminal: Terminal): Promise<Finding[]> {
  return [lookAtPolicies(terminal), ...(await lookAtGuards(terminal))];
}

function lookAtPolicies(terminal: Terminal): Finding {
  const path = servicesPathOf(terminal, {});
  try {
    const count = Object.keys(loadedSet(path).table.services).length;
    const services = count === 1 ? 'service' : 'services';
    return ok('policy', `${path} and its set are valid and name ${count} ${services}`);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return fail('policy', error.what, `${error.fix}: until then every run is refused`);
  }
}

/** Without guards nothing is admitted. */
async function lookAtGuards(terminal: Terminal): Promise<Finding[]> {
  const { env } = terminal;
  const folder = dirname(servicesPathOf(terminal, {}));
  const rulesPath = env['BELAY_GUARDS_FILE'] || join(folder, 'guards.yaml');
  const fleetPath = env['BELAY_FLEET_FILE'] || join(folder, 'fleet.yaml');
  const files = { rulesPath, fleetPath, errorBudgets: noErrorBudgets };
  const problems = await createGuards(files).problems();
  if (problems.length === 0) return [ok('guards', `the files of ${dirname(rulesPath)} are sound`)];
  return problems.map((problem) => fail('guards', problem, 'mend it there: see docs/guards.md'));
}
