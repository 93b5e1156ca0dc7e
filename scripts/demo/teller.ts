/** Tells the audience what happens: to the terminal, or to standard error when standard output is for a machine. */

export interface Teller {
  title(text: string): void;
  say(text: string): void;
  /** One line of Belay's ledger, as it was written. */
  ledger(kind: string, says: string): void;
}

const colours = { bold: 1, green: 32, yellow: 33, cyan: 36, grey: 90 } as const;

export function createTeller(stream: NodeJS.WriteStream): Teller {
  const coloured = stream.isTTY && !process.env['NO_COLOR'];
  let beganMs = Date.now();
  const paint = (colour: keyof typeof colours, text: string): string =>
    coloured ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;
  const clock = (): string => `${((Date.now() - beganMs) / 1000).toFixed(1)}s`.padStart(6);
  return {
    title(text) {
      beganMs = Date.now();
      stream.write(`\n${paint('bold', text)}\n`);
    },
    say(text) {
      stream.write(`${paint('grey', clock())}  ${text}\n`);
    },
    ledger(kind, says) {
      const colour = kind === 'outcome' ? 'green' : kind === 'escalation' ? 'yellow' : 'cyan';
      stream.write(`${paint('grey', clock())}    ${paint(colour, kind.padEnd(12))} ${says}\n`);
    },
  };
}
