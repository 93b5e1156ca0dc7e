/** Files that a setting names, `<name>_FILE`: their lines, or what is wrong with them. Repeats nothing of what they hold. */
import { readFileSync } from 'node:fs';

/** Every line as it stands; none, with a line more in `problems`, when the file cannot be read. */
export function linesOfFile(file: string, name: string, problems: string[]): string[] {
  try {
    return readFileSync(file, 'utf8').split(/\r?\n/);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    problems.push(`${name} names a file that cannot be read (${code}): give a readable file`);
    return [];
  }
}
