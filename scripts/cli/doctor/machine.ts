/** What can be seen without any server: Node, the policy file, the runbooks. Changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readPolicyFile } from '../../../activities/policy/source.js';
import { runbooks } from '../../../runbooks/index.js';
import { flawsOf, flawText } from '../../../workflows/domain/routing-flaw.js';
import { projectFolder } from '../../engine/project-folder.js';
import { reasonOf } from '../reason.js';
import type { Terminal } from '../terminal.js';
import { fail, ok, type Finding } from './finding.js';

const nodeMin = [20, 19] as const;
const nodeBelow = 25;

export async function lookAtMachine({ env }: Terminal): Promise<Finding[]> {
  return [
    lookAtNode(process.versions.node),
    await lookAtPolicy(env),
    lookAtBundle(),
    lookAtRunbooks(),
  ];
}

export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const oldest = `${nodeMin.join('.')}`;
  const fits =
    major < nodeBelow && (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]));
  if (fits) return ok('node', version);
  return fail('node', `${version} is not supported`, `use Node from ${oldest} to ${nodeBelow - 1}`);
}

async function lookAtPolicy(env: Terminal['env']): Promise<Finding> {
  const own = 'policies/services.yaml';
  const file = env['BELAY_POLICY_FILE'] || (existsSync(own) ? own : join(projectFolder(), own));
  try {
    const { services } = await readPolicyFile(file);
    const count = Object.keys(services).length;
    return ok(
      'policy',
      `${file} is valid and names ${count} ${count === 1 ? 'service' : 'services'}`,
    );
  } catch (error) {
    return fail('policy', reasonOf(error), 'mend it: until then every run is refused');
  }
}

function lookAtBundle(): Finding {
  const file = process.env['BELAY_BUNDLE'] || join(projectFolder(), 'dist', 'workflow-bundle.js');
  if (existsSync(file)) return ok('workflow bundle', 'is built');
  return fail('workflow bundle', `${file} is not there`, 'npm run build');
}

function lookAtRunbooks(): Finding {
  const names = runbooks.map(({ meta }) => meta.name).join(', ');
  const [flaw, ...others] = flawsOf(runbooks);
  if (flaw === undefined) return ok('runbooks', names);
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return fail('runbooks', `${flawText(flaw)}${more}`, 'mend it and npm run build');
}
