/**
 * The language in which a mapping says where an alert is in somebody's JSON. Paths are checked by the compiler against a
 * sample of the body, and the sample is read when the mapping is defined: one that does not fit stops the program there.
 */
import type { AlertStatus } from '../../workflows/domain/alert.js';
import { readBody, takes } from './read-mapping.js';
import type { Problem } from './sender.js';

/** Every path into a body like this one: names and positions with dots between, `checks.0.name`. Names with a dot have none. */
export type PathOf<Body> = Body extends readonly (infer Item)[]
  ? `${number}` | `${number}.${PathOf<Item>}`
  : Body extends object
    ? { [Name in keyof Body & string]: PathOfName<Name, Body[Name]> }[keyof Body & string]
    : never;

type PathOfName<Name extends string, Value> = Name extends `${string}.${string}`
  ? never
  : Name | `${Name}.${PathOf<Value>}`;

/** A text: the same in every alert, or what stands at a path, or else `or`. Numbers and booleans are written out. */
export type TextFrom<Path extends string> =
  { readonly constant: string } | { readonly at: Path; readonly or?: string };

/** A word that is looked up: what stands at the path, and what each of its values means. */
export interface WordFrom<Path extends string, Meaning extends string> {
  readonly at: Path;
  readonly values: Readonly<Record<string, Meaning>>;
}

/** RFC 3339 text unless `as` says Unix seconds or milliseconds. */
export interface TimeFrom<Path extends string> {
  readonly at: Path;
  readonly as?: 'unix-seconds' | 'unix-milliseconds';
}

/** Where each field of the alert is. `nothing` as a status is for notes and pings: understood, and no episode. */
export interface AlertFrom<Path extends string> {
  /** What together names the alert, equal over repeats and resolution; the mapping's name is added to it. */
  readonly fingerprint: readonly [Path, ...Path[]];
  readonly name: TextFrom<Path>;
  readonly status: WordFrom<Path, AlertStatus | 'nothing'>;
  /** With a table, a word that is not in it is `unknown`; without, the sender's own word counts. */
  readonly severity?: TextFrom<Path> | WordFrom<Path, string>;
  /** Equal in firing, repeats and resolution of one episode. Where a resolution does not repeat it: the path of endsAt. */
  readonly startsAt: TimeFrom<Path>;
  /** Read only when the alert is resolved. */
  readonly endsAt: TimeFrom<Path>;
  readonly service?: TextFrom<Path>;
  readonly environment?: TextFrom<Path>;
  readonly labels?: Readonly<Record<string, TextFrom<Path>>>;
  readonly annotations?: Readonly<Record<string, TextFrom<Path>>>;
  readonly link?: TextFrom<Path>;
}

export interface Declared<Body, Path extends string = PathOf<NoInfer<Body>>> {
  /** Part of every fingerprint: a mapping that is renamed begins new episodes. */
  readonly name: string;
  /** A body as it comes, with every field the paths lead to, that gives an alert. No secrets: it is source code. */
  readonly sample: Body;
  /** Takes a body when what stands at the path is one of these texts. */
  readonly when: { readonly at: Path; readonly is: readonly [string, ...string[]] };
  readonly alert: AlertFrom<Path>;
}

/** A mapping whose paths have been checked; what its sample looked like no longer matters. */
export type Mapping = Omit<Declared<unknown, string>, 'sample'>;

/**
 * The mapping, to be listed in mappings.ts. Throws when its own `when` does not fit its sample, or the sample gives no
 * alert: a program with a mapping that cannot work does not start.
 */
export function defineMapping<const Body>(declared: Declared<Body>): Mapping {
  const { sample, name, when, alert } = declared;
  const mapping: Mapping = { name, when, alert };
  if (!takes(mapping, sample))
    throw new Error(`mapping ${name}: its sample has none of ${when.is.join(', ')} at ${when.at}`);
  const parsed = readBody(mapping, sample, 'generic');
  if (parsed.kind === 'alerts') return mapping;
  const why = parsed.kind === 'wrong' ? placeOf(parsed.problems) : parsed.why;
  throw new Error(`mapping ${name}: its sample gives no alert: ${why}`);
}

function placeOf(problems: readonly Problem[]): string {
  return problems.map(({ path, problem }) => `${path} ${problem}`).join('; ');
}
