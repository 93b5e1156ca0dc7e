/** Text of a settings file to a value of a closed shape, or an error that names line, column and what is wanted; reads no file. */
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';

/** A file of the guards that cannot be used; the message names file, line and column of the first problems. */
export class GuardFileError extends Error {
  override readonly name = 'GuardFileError';
}

/** Characters: what people can review is far smaller. */
export const textMax = 1_000_000;
/** Enough to mend a file in one go, few enough to read. */
export const problemsMax = 5;
const aliasesMax = 100;

/** Throws a GuardFileError; `name` is what the messages call the file. */
export function parseYaml<Shape extends z.ZodType>(
  text: string,
  name: string,
  shape: Shape,
): z.output<Shape> {
  if (text.length > textMax) throw new GuardFileError(`${name}: longer than ${textMax} characters`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors.map(({ pos, message }) => ({ offset: pos[0], message }));
  if (broken.length > 0) throw errorOf(name, lines, broken);
  const parsed = shape.safeParse(valueOf(document, name));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.flatMap((issue) => problemsOf(document, issue, []));
  throw errorOf(name, lines, issues);
}

interface Problem {
  readonly offset: number;
  readonly message: string;
}
type Path = readonly PropertyKey[];

function errorOf(name: string, lines: LineCounter, problems: readonly Problem[]): GuardFileError {
  const texts = problems.slice(0, problemsMax).map(({ offset, message }) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${Math.max(1, line)}:${Math.max(1, col)}: ${message}`;
  });
  return new GuardFileError(texts.join('\n'));
}

function valueOf(document: Document, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: aliasesMax });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new GuardFileError(`${name}:1:1: ${why}`);
  }
}

/** Of a choice between `off` and settings, the complaints about the settings: that is what was meant. */
function problemsOf(document: Document, issue: z.core.$ZodIssue, above: Path): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.at(-1);
    const asked = isMap(document.getIn(path, true));
    if (asked && meant !== undefined)
      return meant.flatMap((inner) => problemsOf(document, inner, path));
  }
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

function pathText(path: Path): string {
  return path.map(String).join('.');
}
