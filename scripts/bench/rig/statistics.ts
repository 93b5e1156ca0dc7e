/** Small statistics over samples; measures nothing. */

/** The smallest sample that at least this share of all samples does not exceed; NaN without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(sorted.length * share));
  return sorted[rank - 1] ?? Number.NaN;
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

export function sum(samples: readonly number[]): number {
  return samples.reduce((total, sample) => total + sample, 0);
}

/** Growth of y for each unit of x, by least squares; NaN with fewer than two different x. */
export function slope(points: readonly { readonly x: number; readonly y: number }[]): number {
  const meanX = sum(points.map(({ x }) => x)) / points.length;
  const meanY = sum(points.map(({ y }) => y)) / points.length;
  const covariance = sum(points.map(({ x, y }) => (x - meanX) * (y - meanY)));
  return covariance / sum(points.map(({ x }) => (x - meanX) ** 2));
}
