/** How sure counted outcomes make one of their share; pure. */

/** Of a normal distribution, two-sided 95 %. */
const z = 1.96;

/**
 * Lower bound of the Wilson score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", Journal of the American Statistical Association 22 (1927), 209-212. 0 when there were no trials.
 */
export function wilsonLowerBound(good: number, trials: number): number {
  if (!Number.isSafeInteger(good) || !Number.isSafeInteger(trials) || good < 0 || good > trials) {
    throw new RangeError(`${good} of ${trials} is no share`);
  }
  if (trials === 0) return 0;
  const share = good / trials;
  const spread = z * Math.sqrt((share * (1 - share)) / trials + (z * z) / (4 * trials * trials));
  return (share + (z * z) / (2 * trials) - spread) / (1 + (z * z) / trials);
}
