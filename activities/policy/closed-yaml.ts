/**
 * Reads a YAML text that people wrote against a closed shape; what is wrong is told with line, column and what is wanted. Knows no
 * particular file, and which error to throw it is told.
 */
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** Characters: what people can review is far smaller. */
const textMax = 1_000_000;
/** Enough to mend a file in one go, few enough to read. */
const problemsMax = 5;
/** Anchors stay readable in small numbers; more is an attack on the reader. */
const aliasesMax = 100;

export interface Problem {
  readonly offset: number;
  readonly message: string;
}
export type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

export interface ClosedShape<Schema extends z.ZodType> {
  readonly schema: Schema;
  /** The error to throw; the message names file, line and column of the first problems. */
  readonly wrong: (message: string) => Error;
  /** Finds what a shape cannot say. */
  readonly also?: (document: Document, data: z.output<Schema>) => Problem[];
  /** The complaints to tell in the place of one, such as those about the one choice that was meant. */
  readonly meant?: (document: Document, issue: Issue, path: Path) => readonly Issue[] | undefined;
}

/** `name` is what the messages call the file. */
export function readClosedYaml<Schema extends z.ZodType>(
  { name, text }: { readonly name: string; readonly text: string },
  shape: ClosedShape<Schema>,
): z.output<Schema> {
  if (text.length > textMax) throw shape.wrong(`${name}: longer than ${textMax} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const told = (problems: readonly Problem[]): Error =>
    shape.wrong(
      problems
        .slice(0, problemsMax)
        .map(({ offset, message }) => `${name}:${placeOf(lines, offset)}: ${message}`)
        .join('\n'),
    );
  const broken = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  if (broken.length > 0) throw told(broken);
  const parsed = shape.schema.safeParse(valueOf(document, name, shape));
  const problems = parsed.success
    ? (shape.also?.(document, parsed.data) ?? [])
    : parsed.error.issues.flatMap((issue) => problemsOf(document, issue, { shape, above: [] }));
  if (parsed.success && problems.length === 0) return parsed.data;
  throw told(problems);
}

type Told = Pick<ClosedShape<z.ZodType>, 'wrong' | 'meant'>;

function valueOf(document: Document, name: string, { wrong }: Told): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    throw wrong(`${name}:1:1: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function problemsOf(
  document: Document,
  issue: Issue,
  { shape, above }: { readonly shape: Told; readonly above: Path },
): Problem[] {
  const path = [...above, ...issue.path];
  const meant = shape.meant?.(document, issue, path);
  if (meant !== undefined)
    return meant.flatMap((inner) => problemsOf(document, inner, { shape, above: path }));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const at = [...path, key];
      return { offset: offsetOf(document, at), message: `${pathText(at)} is no key known here` };
    });
  }
  const where = path.length === 0 ? '' : `${pathText(path)}: `;
  return [{ offset: offsetOf(document, path), message: `${where}${issue.message}` }];
}

/** Where the key stands; for what is missing, the nearest thing around it that is there. */
export function offsetOf(document: Document, path: Path): number {
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

/** As people write it: `services.shop.tier`. */
export function pathText(path: Path): string {
  return path.map(String).join('.');
}
