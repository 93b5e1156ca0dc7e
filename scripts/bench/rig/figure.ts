/** One measured number and what it should be; prints nothing. */

export type Unit =
  | 'ms'
  | 's'
  | 'x'
  | '%'
  | 'MB'
  | 'KB'
  | 'runs/s'
  | 'entries/s'
  | 'requests/s'
  | 'alerts/s'
  | 'requests'
  | 'alerts'
  | 'pages'
  | 'runs';

/** Which way a ratio gets better; only ratios are compared over runs, since they bear a noisy machine. */
export type Better = 'lower' | 'higher';

export interface Figure {
  /** Kebab-case and stable: people and dashboards compare it over versions. */
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  /** `<= 25` or `>= 50`; null for what is only told. */
  readonly goal: string | null;
  /** Null when there is no goal. */
  readonly ok: boolean | null;
  /** Of every ratio, and of nothing else. */
  readonly better?: Better;
  /** What a reader must know beside the number. */
  readonly note?: string;
}

interface Named {
  readonly name: string;
  readonly value: number;
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly note?: string;
}

export type Measured =
  | (Named & { readonly unit: Exclude<Unit, 'x'> })
  | (Named & { readonly unit: 'x'; readonly better: Better });

/** Three digits are all that a noisy machine gives. A number that could not be had is never ok. */
export function figureOf(measured: Measured): Figure {
  const { name, value, unit, atMost, atLeast, note } = measured;
  const rounded = Number(value.toPrecision(3));
  const extra = {
    ...(measured.unit === 'x' ? { better: measured.better } : {}),
    ...(note === undefined ? {} : { note }),
  };
  const figure = { name, value: rounded, unit };
  if (atMost !== undefined) {
    return { ...figure, goal: `<= ${atMost}`, ok: rounded <= atMost, ...extra };
  }
  if (atLeast !== undefined) {
    return { ...figure, goal: `>= ${atLeast}`, ok: rounded >= atLeast, ...extra };
  }
  return { ...figure, goal: null, ok: null, ...extra };
}

/** What a figure was made of. */
export interface Kept {
  readonly what: string;
  /** Null where nothing was sent at a fixed rate. */
  readonly perSecond: number | null;
  readonly round: number;
  readonly ms: readonly number[];
}
