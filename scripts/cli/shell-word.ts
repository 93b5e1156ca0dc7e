/** A text as one word of a shell: names in alerts are hostile, and commands are there to be pasted. */

/** Anything but plain letters stands between quotes. */
export function shellWord(text: string): string {
  return /^[\w.:][\w.:/-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
