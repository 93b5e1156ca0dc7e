/** The targets file: where the systems are that runbooks may touch. Alerts name services; only this file names addresses. */
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';

const url = z.url({ protocol: /^https?$/ });

const shape = z.strictObject({
  supervisors: z
    .record(
      z.string(),
      z.strictObject({ url, username: z.string(), passwordFile: z.string().min(1) }),
    )
    .default({}),
  services: z
    .record(
      z.string(),
      z.strictObject({
        process: z.strictObject({ host: z.string(), process: z.string() }).optional(),
        setting: z
          .strictObject({ file: z.string(), reloadUrl: url, allowedKeys: z.array(z.string()) })
          .optional(),
        probeUrl: url.optional(),
      }),
    )
    .default({}),
  monitors: z
    .strictObject({ prometheusUrl: url.optional(), alertmanagerUrl: url.optional() })
    .default({}),
});

export type Targets = z.infer<typeof shape>;

/** No targets at all: every action and fact is refused by name. */
export const noTargets: Targets = { supervisors: {}, services: {}, monitors: {} };

/** Throws an error that names file, line and field of everything that is wrong; the process must not start with half of it. */
export function readTargets(file: string): Targets {
  return parseTargets(readFileSync(file, 'utf8'), file);
}

export function parseTargets(text: string, file: string): Targets {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const broken = document.errors[0];
  if (broken !== undefined) throw new Error(`${file}: ${broken.message}`);
  const parsed = shape.safeParse(document.toJS({ maxAliasCount: 50 }) ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const node: unknown = document.getIn(issue.path as string[], true);
    return `${file}${placeOf(node, lines)}: ${issue.path.join('.')}: ${issue.message}`;
  });
  throw new Error(problems.join('\n'));
}

function placeOf(node: unknown, lines: LineCounter): string {
  const range = (node as { range?: readonly number[] } | undefined)?.range;
  const offset = range?.[0];
  return offset === undefined ? '' : `:${lines.linePos(offset).line}`;
}
