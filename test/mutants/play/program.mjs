/**
 * The process that plays the stories on mutants: told a mutant's number, it answers with the commands of every story.
 * It may hang, and is ended by who started it.
 */
import { pathToFileURL } from 'node:url';

const bundle = process.argv[2] ?? '';
let loads = 0;

// a mutant may leave promises behind that nobody waits for
process.on('unhandledRejection', () => undefined);

/** What planted code reads of the global object; preamble() in ../mutant.ts has the same for replay. */
const switches = /** @type {{ __belayTurns: number }} */ (/** @type {unknown} */ (globalThis));

/** Some modules read the clock while they load, before any story has one. */
Object.assign(globalThis, { belayVirtualNow: () => 0 });

function turn() {
  switches.__belayTurns += 1;
  if (switches.__belayTurns > 20_000) throw new Error('it turns for ever');
}

/** @param {{ mutant: number }} asked */
async function play({ mutant }) {
  loads += 1;
  Object.assign(switches, { __belayMutant: mutant, __belayTurns: 0, __belayTurn: turn });
  try {
    const { playAll } = await import(`${pathToFileURL(bundle).href}?${loads}`);
    process.send?.({ mutant, commands: await playAll() });
  } catch (thrown) {
    process.send?.({ mutant, broken: String(thrown) });
  }
}

process.on('message', (/** @type {{ mutant: number }} */ asked) => void play(asked));
