/** What the bench was asked for, read from its command line; does none of it. */
import { parseArgs } from 'node:util';
import { families, type Family } from '../figures/index.js';
import { longSize, quickSize, wholeSize, type Size } from '../rig/size.js';

export interface Wish {
  readonly json: boolean;
  readonly chosen: readonly Family[];
  readonly size: Size;
  /** Compare the ratios with the baseline that is checked in. */
  readonly check: boolean;
  /** Make this run's ratios the baseline. */
  readonly writeBaseline: boolean;
  /** Where every sample and every figure goes, as JSON lines. */
  readonly rawFile: string | null;
  /** Draw the profiles in that folder instead of measuring. */
  readonly flameFolder: string | null;
}

const options = {
  json: { type: 'boolean' },
  quick: { type: 'boolean' },
  long: { type: 'boolean' },
  only: { type: 'string' },
  check: { type: 'boolean' },
  'write-baseline': { type: 'boolean' },
  raw: { type: 'string' },
  flame: { type: 'string' },
} as const;

/** A sentence when the words are not understood. */
export function readWish(args: readonly string[]): Wish | string {
  try {
    const { values } = parseArgs({ args: [...args], options });
    const names = values.only?.split(',') ?? usual();
    const unknown = names.find((name) => !families.some((family) => family.name === name));
    if (unknown !== undefined) return `there is no family "${unknown}"; there are:\n${listed()}`;
    if (values.quick === true && values.long === true) return 'either --quick or --long, not both';
    if (values.quick === true && values['write-baseline'] === true) {
      return 'the numbers of --quick say little: a baseline needs a whole run';
    }
    return {
      json: values.json === true,
      size: values.quick === true ? quickSize : values.long === true ? longSize : wholeSize,
      chosen: families.filter(({ name }) => names.includes(name)),
      check: values.check === true,
      writeBaseline: values['write-baseline'] === true,
      rawFile: values.raw ?? null,
      flameFolder: values.flame ?? null,
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function usual(): string[] {
  return families.flatMap(({ name, onlyWhenNamed }) => (onlyWhenNamed === true ? [] : [name]));
}

function listed(): string {
  return families.map(({ name, says }) => `  ${name.padEnd(10)} ${says}`).join('\n');
}
