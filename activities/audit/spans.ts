/** Sets of leaf indexes as spans, in order: joining, and taking away. Pure. */
import type { Span } from './merkle.js';

/** Adds an index that is above all that are there. */
export function append(spans: Span[], index: number): void {
  const last = spans.at(-1);
  if (last?.to === index) spans[spans.length - 1] = { from: last.from, to: index + 1 };
  else spans.push({ from: index, to: index + 1 });
}

/** What of `spans` is in none of `others`. */
export function without(spans: readonly Span[], others: readonly Span[]): Span[] {
  const sorted = others.toSorted((left, right) => left.from - right.from);
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let { from } = span;
    for (const other of sorted) {
      if (other.to <= from || other.from >= span.to) continue;
      if (other.from > from) left.push({ from, to: other.from });
      from = Math.max(from, other.to);
    }
    return from < span.to ? [...left, { from, to: span.to }] : left;
  });
}

/** How many indexes. */
export function countOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
