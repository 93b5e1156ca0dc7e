/** Text of a settings file to a value of a closed shape, or an error that names line, column and what is wanted; reads no file. */
import { isMap, type Document } from 'yaml';
import type { z } from 'zod';
import { readClosedYaml, type Path } from '../policy/closed-yaml.js';

/** A file of the guards that cannot be used; the message names file, line and column of the first problems. */
export class GuardFileError extends Error {
  override readonly name = 'GuardFileError';
}

/** Throws a GuardFileError; `name` is what the messages call the file. */
export function parseYaml<Shape extends z.ZodType>(
  text: string,
  name: string,
  shape: Shape,
): z.output<Shape> {
  const wrong = (message: string): Error => new GuardFileError(message);
  return readClosedYaml({ name, text }, { schema: shape, wrong, meant });
}

/** Of a choice between `off` and settings, the complaints about the settings: that is what was meant. */
function meant(document: Document, issue: z.core.$ZodIssue, path: Path) {
  if (issue.code !== 'invalid_union' || !isMap(document.getIn(path, true))) return undefined;
  return issue.errors.at(-1);
}
