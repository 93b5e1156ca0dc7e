/** Reads a YAML file people wrote against its shape; what is wrong is said with file, line and column. Knows no particular file. */
import { existsSync, readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { refused } from './complaint.js';
import { reasonOf } from './reason.js';

const problemsMax = 5;

/** Throws a refused Complaint that names file, line and fix; `missing` is the answer when there is no file, else that is one too. */
export function readYaml<Shape extends z.ZodType>(
  path: string,
  schema: Shape,
  missing?: z.output<Shape>,
): z.output<Shape> {
  const text = textOf(path);
  if (text === undefined) {
    if (missing !== undefined) return missing;
    throw refused(`there is no ${path}`, 'write one; docs/autonomy.md shows its shape');
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors.map(({ pos, message }) => placed(path, lines, [pos[0], message]));
  if (broken.length > 0) throw refused(broken.slice(0, problemsMax).join('\n'), 'mend the file');
  const parsed = schema.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const where = issue.path.map(String).join('.');
    const says = where === '' ? issue.message : `${where}: ${issue.message}`;
    return placed(path, lines, [offsetOf(document, issue.path), says]);
  });
  throw refused(problems.slice(0, problemsMax).join('\n'), 'mend the file');
}

function textOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw refused(`${path} cannot be read (${reasonOf(error)})`, 'give a readable file');
  }
}

function placed(path: string, lines: LineCounter, [offset, says]: [number, string]): string {
  const { line, col } = lines.linePos(offset);
  return `${path}:${Math.max(1, line)}:${Math.max(1, col)}: ${says}`;
}

/** Of the value, or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}
