/** The last thing a program does. Nothing may come after it, and nothing that is under way is waited for but what was printed. */

/**
 * Ends the process once its output is out. Left to itself Node 20 closes every handle first, and sometimes turns in that loop for
 * ever with a whole CPU, after a socket whose peer was killed or paused.
 */
export async function leave(code: number): Promise<never> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => {
      if (stream.writableEnded || stream.destroyed) resolve();
      else stream.write('', () => resolve());
    });
  }
  process.exit(code);
}
