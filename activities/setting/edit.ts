/** One number in the text of a JSON file (comments allowed): finds it, changes it and nothing else. Pure. */
import { applyEdits, modify, parse, type ParseError } from 'jsonc-parser';
import { Failure } from '../../workflows/domain/failure.js';

/** The number at a top-level key. Refuses when the text is no JSON object, or the key is missing or no number. */
export function numberIn(text: string, key: string): number {
  const errors: ParseError[] = [];
  const root: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined) {
    const line = text.slice(0, error.offset).split('\n').length;
    throw new Failure('refused', `the file is no JSON: correct line ${line}`);
  }
  const value = isObject(root) && Object.hasOwn(root, key) ? root[key] : undefined;
  if (typeof value === 'number') return value;
  const problem = value === undefined ? 'is missing' : 'is no number';
  throw new Failure('refused', `"${key}" ${problem} in the file: give it a number there`);
}

/** The text with another number at the key; every other byte, comments and spaces too, stays as it is. Refuses as above. */
export function withNumber(text: string, key: string, value: number): string {
  const changed = applyEdits(text, modify(text, [key], value, {}));
  if (numberIn(changed, key) === value) return changed;
  throw new Failure('refused', `"${key}" stands more than once in the file: leave one of them`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
