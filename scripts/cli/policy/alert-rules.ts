/** Names of the alerts that a Prometheus can raise, from its files of rules. Understands no expression and asks nobody. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { PolicyError, readYaml } from '../../../activities/policy/parse.js';
import { readFolderAt } from '../../../activities/policy/set-files.js';

const rulesFile = z.object({
  groups: z.array(z.object({ rules: z.array(z.object({ alert: z.string().optional() })) })),
});

/** Of one file, or of every .yml and .yaml file of a folder. Throws a PolicyError with file, line and column. */
export function alertNamesIn(path: string): string[] {
  if (!existsSync(path)) throw new PolicyError(`${path}: is not there`);
  const files = statSync(path).isDirectory()
    ? ['.yml', '.yaml'].flatMap((ending) => readFolderAt(path, ending))
    : [{ name: path, text: readFileSync(path, 'utf8') }];
  if (files.length === 0) throw new PolicyError(`${path}: no .yml or .yaml file lies there`);
  const rules = files.flatMap((file) =>
    readYaml(file, rulesFile).groups.flatMap((one) => one.rules),
  );
  return [...new Set(rules.flatMap(({ alert }) => alert ?? []))];
}
