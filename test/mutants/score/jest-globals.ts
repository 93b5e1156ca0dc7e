/**
 * Stands in for `@jest/globals` where tests run in one process and many times over: gathers them instead of running them.
 * Knows only what the tests of the replayed half use.
 */
import { format } from 'node:util';
import { expect } from 'expect';

export { expect };

/** One test, ready to be run as often as is wanted. */
export interface Gathered {
  readonly title: string;
  readonly body: () => unknown;
}

type Row = readonly unknown[];
type Named = (title: string, body: (...given: never[]) => unknown) => void;

const gathered: Gathered[] = [];
let heading: readonly string[] = [];

/** Every test of the modules that were loaded so far, in their order. */
export function gatheredTests(): readonly Gathered[] {
  return gathered;
}

function add(title: string, body: () => unknown): void {
  gathered.push({ title: [...heading, title].join(' '), body });
}

function within(title: string, body: () => unknown): void {
  const before = heading;
  heading = [...before, title];
  body();
  heading = before;
}

function rows(
  table: readonly unknown[],
  take: (title: string, body: () => unknown) => void,
): Named {
  const ofRows = table.every((entry) => Array.isArray(entry));
  return (title, body) => {
    for (const entry of table) {
      const row = ofRows ? (entry as Row) : [entry];
      const marks = title.match(/%[sdijopO]/g)?.length ?? 0;
      const named = format(title.replaceAll('%p', '%j'), ...row.slice(0, marks));
      take(named, () => body(...(row as never[])));
    }
  };
}

export const test = Object.assign(add, {
  each: (table: readonly unknown[]) => rows(table, add),
});

export const describe = Object.assign(within, {
  each: (table: readonly unknown[]) => rows(table, within),
});
