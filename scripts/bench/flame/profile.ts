/** A V8 CPU profile as a tree of frames by time; equal callees of one caller are one frame. Pure: draws nothing. */
import { z } from 'zod';

const shape = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  samples: z.array(z.number()),
  /** Microseconds since the sample before. */
  timeDeltas: z.array(z.number()),
});

export type Profile = z.infer<typeof shape>;

export interface Frame {
  readonly name: string;
  /** Where the function is, from the project's root where it is ours. */
  readonly where: string;
  /** Spent in it and in all it called. */
  totalMs: number;
  selfMs: number;
  readonly children: Map<string, Frame>;
}

/** Waiting is no work: it would make everything else too narrow to read. */
const notWork = new Set(['(idle)', '(program)']);

/** Throws a sentence with the file when the text is no profile. */
export function parseProfile(text: string, file: string): Profile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON: the process was killed before it could write it whole`);
  }
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is no V8 CPU profile: ${z.prettifyError(parsed.error)}`);
}

/** `root` is the URL of the project's folder: paths are shown from there. */
export function treeOf(profile: Profile, root = ''): Frame {
  const selfMs = selfTimes(profile);
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const all: Frame = { name: 'all', where: '', totalMs: 0, selfMs: 0, children: new Map() };
  const first = profile.nodes[0];
  const waiting = (first?.children ?? []).map((id) => ({ id, under: all }));
  for (let at = 0; at < waiting.length; at += 1) {
    const { id, under } = waiting[at] ?? { id: -1, under: all };
    const node = byId.get(id);
    if (node === undefined || notWork.has(node.callFrame.functionName)) continue;
    const frame = frameIn(under, node.callFrame, root);
    frame.selfMs += selfMs.get(id) ?? 0;
    waiting.push(...(node.children ?? []).map((child) => ({ id: child, under: frame })));
  }
  sumUp(all);
  return all;
}

function selfTimes({ samples, timeDeltas }: Profile): Map<number, number> {
  const times = new Map<number, number>();
  for (const [index, id] of samples.entries()) {
    const ms = Math.max(0, timeDeltas[index] ?? 0) / 1000;
    times.set(id, (times.get(id) ?? 0) + ms);
  }
  return times;
}

function frameIn(under: Frame, call: Profile['nodes'][number]['callFrame'], root: string): Frame {
  const name = call.functionName || '(anonymous)';
  const file = root !== '' && call.url.startsWith(root) ? call.url.slice(root.length) : call.url;
  const where = file === '' ? '' : `${file}:${call.lineNumber + 1}`;
  const key = `${name} ${where}`;
  const known = under.children.get(key);
  if (known !== undefined) return known;
  const frame: Frame = { name, where, totalMs: 0, selfMs: 0, children: new Map() };
  under.children.set(key, frame);
  return frame;
}

function sumUp(frame: Frame): number {
  frame.totalMs = frame.selfMs;
  for (const child of frame.children.values()) frame.totalMs += sumUp(child);
  return frame.totalMs;
}
