/** Text of a policy file to a table, or an error that names line, column and what is wanted; reads no file itself. */
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { tableSchema, type PolicyTable } from './table.js';

/** A policy file that cannot be used; the message names file, line and column of the first problems. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** Characters: a table people can review is far smaller. */
const textMax = 1_000_000;
/** Enough to mend a file in one go, few enough to read. */
const problemsMax = 5;
/** Anchors in a policy stay readable in small numbers; more is an attack on the reader. */
const aliasesMax = 100;

/** Throws a PolicyError; `name` is what the messages call the file. */
export function parsePolicy(text: string, name: string): PolicyTable {
  return readYaml({ name, text }, tableSchema, danglingChains);
}

/** A YAML text of a closed shape, or a PolicyError with every place that is wrong. `also` finds what a shape cannot say. */
export function readYaml<Schema extends z.ZodType>(
  { name, text }: { readonly name: string; readonly text: string },
  schema: Schema,
  also: (document: Document, data: z.output<Schema>) => Problem[] = () => [],
): z.output<Schema> {
  if (text.length > textMax) throw new PolicyError(`${name}: longer than ${textMax} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problems = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  const parsed = problems.length === 0 ? schema.safeParse(valueOf(document, name)) : undefined;
  if (parsed?.success === false)
    problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(document, issue)));
  if (parsed?.success === true) problems.push(...also(document, parsed.data));
  if (problems.length === 0 && parsed?.success === true) return parsed.data;
  throw new PolicyError(
    problems
      .slice(0, problemsMax)
      .map(({ offset, message }) => `${name}:${placeOf(lines, offset)}: ${message}`)
      .join('\n'),
  );
}

interface Problem {
  readonly offset: number;
  readonly message: string;
}
type Path = readonly PropertyKey[];

function valueOf(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    throw new PolicyError(`${name}:1:1: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function problemsOf(document: Document, issue: z.core.$ZodIssue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      return {
        offset: offsetOf(document, [...issue.path, key]),
        message: `${pathText([...issue.path, key])} is no key known here`,
      };
    });
  }
  const where = issue.path.length === 0 ? '' : `${pathText(issue.path)}: `;
  return [{ offset: offsetOf(document, issue.path), message: `${where}${issue.message}` }];
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

/** Where the key stands; for what is missing, the nearest thing around it that is there. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent =
      length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      : undefined;
    if (isNode(pair?.key)) return pair.key.range?.[0] ?? 0;
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}

function placeOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${Math.max(1, line)}:${Math.max(1, col)}`;
}

function pathText(path: Path): string {
  return path.map(String).join('.');
}
