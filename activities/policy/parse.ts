/** Text of a policy file to a table, or an error that names line, column and what is wanted; reads no file itself. */
import type { Document } from 'yaml';
import type { z } from 'zod';
import { offsetOf, pathText, readClosedYaml, type Path, type Problem } from './closed-yaml.js';
import { tableSchema, type PolicyTable } from './table.js';

/** A policy file that cannot be used; the message names file, line and column of the first problems. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** Throws a PolicyError; `name` is what the messages call the file. */
export function parsePolicy(text: string, name: string): PolicyTable {
  return readYaml({ name, text }, tableSchema, danglingChains);
}

/** A YAML text of a closed shape, or a PolicyError with every place that is wrong. `also` finds what a shape cannot say. */
export function readYaml<Schema extends z.ZodType>(
  file: { readonly name: string; readonly text: string },
  schema: Schema,
  also: (document: Document, data: z.output<Schema>) => Problem[] = () => [],
): z.output<Schema> {
  return readClosedYaml(file, { schema, also, wrong: (message) => new PolicyError(message) });
}

/** A chain that is named but not there would ask nobody. */
function danglingChains(document: Document, table: PolicyTable): Problem[] {
  const known = Object.keys(table.chains);
  const named: [Path, string | undefined][] = [[['chains'], 'default']];
  for (const [name, { chain }] of Object.entries(table.services))
    named.push([['services', name, 'chain'], chain]);
  for (const [name, { chain }] of Object.entries(table.runbooks))
    named.push([['runbooks', name, 'chain'], chain]);
  return named.flatMap(([path, chain]) => {
    if (chain === undefined || known.includes(chain)) return [];
    const message = `${pathText(path)}: there is no chain ${chain}; there are: ${known.join(', ') || 'none'}`;
    return [{ offset: offsetOf(document, path), message }];
  });
}
