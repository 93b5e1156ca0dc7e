/** Bodies with one of their values changed: what a sender, or somebody in its place, might send. Knows no format. */

/** A copy in which the nth value, counted depth first and around again, is another. */
export function replaced(body: unknown, at: number, value: unknown): unknown {
  let left = at % countOf(body);
  const visit = (node: unknown): unknown => {
    if (left-- === 0) return value;
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) return node.map(visit);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(body);
}

/** How many values a body has, itself included. */
export function countOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, child) => sum + countOf(child), 1);
}
