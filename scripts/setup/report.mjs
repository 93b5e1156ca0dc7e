/** What the set-up says while it works: a line for each thing, and a sign of life on long ones; needs no terminal. */

const signOfLifeMs = 10_000;

/** @typedef {{ name: string, text: string }} Line */

export class Report {
  /** @param {NodeJS.WritableStream} out where the lines go; standard error when standard output is for a program */
  constructor(out) {
    this.out = out;
  }

  /** One line about a thing that is settled. @param {Line} line @param {number} startedAtMs Unix milliseconds */
  settled({ name, text }, startedAtMs) {
    const seconds = ((Date.now() - startedAtMs) / 1000).toFixed(1);
    this.out.write(`· ${name} … ${text} (${seconds} s)\n`);
  }

  /**
   * Says what is being done, and every ten seconds for how long already. Throws what `work` throws.
   * @template T
   * @param {Line} line
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async during({ name, text }, work) {
    this.out.write(`· ${name} … ${text}\n`);
    const startedAtMs = Date.now();
    const timer = setInterval(() => {
      this.out.write(`  ${name}: ${Math.round((Date.now() - startedAtMs) / 1000)} s\n`);
    }, signOfLifeMs);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }
}
