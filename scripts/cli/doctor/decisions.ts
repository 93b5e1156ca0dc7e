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
    loadedSet(path);
    return ok('policies', `the set of ${dirname(path)} is sound`);
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    return fail('policies', error.what, error.fix);
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
