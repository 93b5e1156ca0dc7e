/** policies/switch.yaml: how many people it takes to resume. A wrong file is an error that names line and fix. */
import { readFileSync } from 'node:fs';
import { isNode, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { anyScope, oneIsEnough, type ResumeRule } from '../../activities/store/resume.js';
import { everything, requireScope } from '../../activities/store/scope.js';
import { minutes } from '../../workflows/domain/time.js';

const people = z.number('give a number of people').int().min(1).max(10);
const shape = z.strictObject({
  version: z.literal(1, 'write version: 1'),
  resume: z
    .strictObject({
      approvalsMin: people.default(1),
      withinMinutes: z.number().int().min(1).max(1440).default(15),
      scopes: z
        .record(
          z.string().refine(isScope, `a scope is ${everything} or <kind>:<name>`),
          z.strictObject({ approvalsMin: people }),
        )
        .default({}),
    })
    .prefault({}),
});

export type ResumeRules = Readonly<Record<string, ResumeRule>>;

/** Undefined when there is no file: the rules that stand are then left as they are. Throws for one that cannot be read or is wrong. */
export function readResumeRules(file: string): ResumeRules | undefined {
  try {
    return parseResumeRules(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** `file` is what errors call it. */
export function parseResumeRules(text: string, file: string): ResumeRules {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => `${file}:${lines.linePos(offset).line}`;
  const [broken] = document.errors;
  if (broken !== undefined) throw new Error(`${place(broken.pos[0])}: ${broken.message}`);
  const parsed = shape.safeParse(document.toJS({ maxAliasCount: 10 }));
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const path = issue.path.map(String).join('.') || 'the file';
      return `${place(offsetOf(document, issue.path))}: ${path}: ${issue.message}`;
    });
    throw new Error(problems.join('\n'));
  }
  const { approvalsMin, withinMinutes, scopes } = parsed.data.resume;
  const withinMs = minutes(withinMinutes);
  const own = Object.entries(scopes).map(([scope, rule]) => [scope, { ...rule, withinMs }]);
  const isDefault = approvalsMin === oneIsEnough.approvalsMin && withinMs === oneIsEnough.withinMs;
  const all = isDefault ? {} : { [anyScope]: { approvalsMin, withinMs } };
  return { ...all, ...Object.fromEntries(own) };
}

/** Of what is named, or of the nearest thing around it that is there. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node.range?.[0] ?? 0;
  }
  return 0;
}

function isScope(text: string): boolean {
  try {
    return requireScope(text) === text;
  } catch {
    return false;
  }
}
