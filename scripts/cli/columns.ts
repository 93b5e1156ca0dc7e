/** Rows as columns that line up, for people and for `awk`; no frames, no wrapping, no colour of its own. */

const gap = '  ';

/** Cells are padded to the widest of their column; the last column is left as it is. */
export function columns(given: readonly (readonly string[])[]): string[] {
  const rows = given.map((row) => row.map(oneLine));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : padded(cell, widths[index] ?? 0)))
      .join(gap)
      .trimEnd(),
  );
}

/** A sentence of several lines would tear a table, or a list, apart. */
export function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ');
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - widthOf(cell)));
}

/** Colour codes take no room. */
function widthOf(cell: string): number {
  return [...cell.replace(/\p{Cc}\[\d+m/gu, '')].length;
}
