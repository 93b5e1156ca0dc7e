/** Figures as a Markdown table, which reads as well in a terminal; judges nothing. */
import type { Figure } from '../rig/figure.js';

export function tableOf(figures: readonly Figure[]): string {
  const noted = figures.some(({ note }) => note !== undefined);
  const heads = ['figure', 'value', 'unit', 'goal', 'ok', ...(noted ? ['note'] : [])];
  const rows = figures.map(({ name, value, unit, goal, ok, note }) => {
    const cells = [name, String(value), unit, goal ?? '', ok === null ? '' : ok ? 'yes' : 'NO'];
    return noted ? [...cells, note ?? ''] : cells;
  });
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 1 ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, column) =>
    column === 1 ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [line(heads), line(rule), ...rows.map(line)].join('\n');
}
