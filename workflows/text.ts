/** Cutting text to what Temporal stores; its limits count UTF-8 bytes, not characters. */

/** At most `bytesMax` UTF-8 bytes, never half a character; what was cut ends in an ellipsis. */
export function cutToBytes(text: string, bytesMax: number): string {
  if (utf8Length(text) <= bytesMax) return text;
  let kept = '';
  let used = 3;
  for (const character of text) {
    used += utf8Length(character);
    if (used > bytesMax) break;
    kept += character;
  }
  return `${kept}…`;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
