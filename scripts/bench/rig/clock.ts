/** The one clock of a bench: monotonic and, on one machine, the same in every process; says nothing of the time of day. */

/** Milliseconds with fractions since some instant that all processes of this machine share. */
export function clockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
