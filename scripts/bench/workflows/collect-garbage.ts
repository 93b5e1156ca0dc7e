/** Collects the garbage of the thread that workflows live in, which nothing outside of it can ask for. */

/** False when the process was started without --expose-gc; then nothing was collected. */
export function collectGarbage(): Promise<boolean> {
  const { gc } = globalThis as { gc?: () => void };
  gc?.();
  return Promise.resolve(gc !== undefined);
}
