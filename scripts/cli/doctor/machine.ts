/** What can be seen without any server: Node, the bundle, the runbooks. Changes nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runbooks } from '../../../runbooks/index.js';
import { flawsOf, flawText } from '../../../workflows/domain/routing-flaw.js';
import { projectFolder } from '../../engine/project-folder.js';
import { fail, ok, type Finding } from './finding.js';

const nodeMin = [20, 19] as const;
const nodeBelow = 25;

export function lookAtMachine(): Promise<Finding[]> {
  return Promise.resolve([lookAtNode(process.versions.node), lookAtBundle(), lookAtRunbooks()]);
}

export function lookAtNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const oldest = `${nodeMin.join('.')}`;
  const fits =
    major < nodeBelow && (major > nodeMin[0] || (major === nodeMin[0] && minor >= nodeMin[1]));
  if (fits) return ok('node', version);
  return fail('node', `${version} is not supported`, `use Node from ${oldest} to ${nodeBelow - 1}`);
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
