/** Text patterns in which `*` stands for any run of characters; takes no regular expression from outside. */

/** True when the whole text fits the pattern. Linear in the length of both for each `*`: safe on hostile text. */
export function matches(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return pattern === text;
  const tail = rest.pop() ?? '';
  if (!text.startsWith(head) || text.length < head.length + tail.length) return false;
  if (!text.endsWith(tail)) return false;
  const middle = text.slice(head.length, text.length - tail.length);
  return containsInOrder(middle, rest);
}

function containsInOrder(text: string, parts: readonly string[]): boolean {
  let from = 0;
  for (const part of parts) {
    const found = text.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return true;
}
