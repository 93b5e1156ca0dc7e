/** One measured number and what it should be; prints nothing. */

export type Unit = 'ms' | 'runs/s' | 'x' | 'MB' | 'KB';

export interface Figure {
  /** Kebab-case and stable: people and dashboards compare it over versions. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** `<= 25` or `>= 50`; null for what is only told. */
  readonly goal: string | null;
  /** Null when there is no goal. */
  readonly ok: boolean | null;
}

export interface Measured {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** Three digits are all that a noisy machine gives. A number that could not be had is never ok. */
export function figureOf({ name, value, unit, atMost, atLeast }: Measured): Figure {
  const rounded = Number(value.toPrecision(3));
  const figure = { name, value: rounded, unit };
  if (atMost !== undefined) return { ...figure, goal: `<= ${atMost}`, ok: rounded <= atMost };
  if (atLeast !== undefined) return { ...figure, goal: `>= ${atLeast}`, ok: rounded >= atLeast };
  return { ...figure, goal: null, ok: null };
}
