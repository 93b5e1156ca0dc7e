/** The raw numbers of one run as JSON lines: the machine, the samples, the figures, what was skipped. Judges nothing. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import type { Wish } from './wish.js';

export interface RawRun {
  readonly machine: string;
  readonly figures: readonly Figure[];
  readonly ground: Pick<Ground, 'kept' | 'skipped'>;
  readonly wish: Pick<Wish, 'chosen' | 'size'>;
}

/** Replaces the file. */
export function writeRaw(file: string, run: RawRun): void {
  mkdirSync(dirname(file), { recursive: true });
  const lines = rawLines(run, new Date());
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}

export function rawLines({ machine, figures, ground, wish }: RawRun, now: Date): object[] {
  const families = wish.chosen.map(({ name }) => name);
  return [
    { is: 'run', at: now.toISOString(), machine, size: wish.size.name, families },
    ...ground.kept.map(({ ms, ...rest }) => ({ is: 'samples', ...rest, ms: ms.map(rounded) })),
    ...figures.map((figure) => ({ is: 'figure', ...figure })),
    ...ground.skipped.map((one) => ({ is: 'skipped', ...one })),
  ];
}

/** Hundredths of a millisecond: below that it is the clock that is measured. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
