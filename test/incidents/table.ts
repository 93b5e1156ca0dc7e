/** The incidents as a table: what came of each with its guard and without it. Plays nothing. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Row {
  readonly name: string;
  readonly incident: string;
  readonly guard: string;
  readonly withGuard: string;
  readonly without: string;
}

const file = fileURLToPath(new URL('incidents.golden.md', import.meta.url));

export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ name, incident, guard, withGuard, without }) => {
    return `| ${[name, incident, guard, withGuard, without].map(cell).join(' | ')} |`;
  });
  return [
    '| scenario | incident | guard | with guard | without guard |',
    '|---|---|---|---|---|',
    ...lines,
    '',
  ].join('\n');
}

/** The table a person last agreed to; UPDATE_GOLDEN=1 writes it anew. */
export function goldenTable(now: string): string {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, now);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function cell(text: string): string {
  return text.replaceAll('|', '/');
}
