/** Frames as a flame graph in one SVG file that needs nothing beside it: callers below, width is time. Reads no file. */
import type { Frame } from './profile.js';

const width = 1600;
const rowHeight = 17;
const headHeight = 40;
const characterWidth = 6.6;
/** Narrower than that nobody sees, and files would be ten times as large. */
const widthMin = 0.4;
const depthMax = 120;

interface Box {
  readonly frame: Frame;
  readonly left: number;
  readonly depth: number;
}

/** A tooltip on each frame names it, its file and line, and its share. */
export function svgOf(all: Frame, title: string): string {
  const perMs = all.totalMs === 0 ? 0 : width / all.totalMs;
  const boxes = boxesOf(all, perMs);
  const rows = 1 + boxes.reduce((deepest, { depth }) => Math.max(deepest, depth), 0);
  const height = headHeight + rows * rowHeight + 10;
  const drawn = boxes.map((box) => drawnBox(box, { all, perMs, height }));
  const head = `${title}: ${all.totalMs.toFixed(0)} ms on the CPU`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}" font-family="monospace" font-size="11">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="8" y="24" font-size="15">${escaped(head)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function boxesOf(all: Frame, perMs: number): Box[] {
  const boxes: Box[] = [{ frame: all, left: 0, depth: 0 }];
  for (let at = 0; at < boxes.length; at += 1) {
    const box = boxes[at];
    if (box === undefined || box.depth >= depthMax) continue;
    let { left } = box;
    const children = [...box.frame.children.values()].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    for (const frame of children) {
      if (frame.totalMs * perMs >= widthMin) boxes.push({ frame, left, depth: box.depth + 1 });
      left += frame.totalMs * perMs;
    }
  }
  return boxes;
}

function drawnBox(
  { frame, left, depth }: Box,
  { all, perMs, height }: { readonly all: Frame; readonly perMs: number; readonly height: number },
): string {
  const wide = frame.totalMs * perMs;
  const top = height - 10 - (depth + 1) * rowHeight;
  const share = all.totalMs === 0 ? 0 : (100 * frame.totalMs) / all.totalMs;
  const times = `${share.toFixed(1)} %, ${frame.totalMs.toFixed(1)} ms, itself ${frame.selfMs.toFixed(1)} ms`;
  const tip = [frame.name, frame.where, times].filter((part) => part !== '').join(' | ');
  const place = `x="${left.toFixed(1)}" y="${top}" width="${wide.toFixed(1)}" height="${rowHeight - 1}"`;
  const shown = frame.name.slice(0, Math.floor((wide - 6) / characterWidth));
  const label =
    shown.length < 3
      ? ''
      : `<text x="${(left + 3).toFixed(1)}" y="${top + 12}">${escaped(shown)}</text>`;
  return `<g><title>${escaped(tip)}</title><rect ${place} fill="${colourOf(frame)}" rx="1"/>${label}</g>`;
}

/** Ours stands out: the rest is Node, packages and V8. */
function colourOf({ name, where }: Frame): string {
  if (name.startsWith('(')) return '#d0d0d0';
  if (where === '' || where.startsWith('node:')) return '#cfe3c8';
  return where.includes('node_modules') ? '#f3dfa8' : '#f0a868';
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}
