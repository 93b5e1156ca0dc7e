/**
 * `npm run bench`: measures what the README promises, on servers of its own, and prints a table.
 *   --only <family>  one family or several with commas     --quick  small counts, to see that it works
 *   --json           one line for each figure on standard output   --long   growth curves to their ends
 *   --check          ends with 1 when a ratio is worse than the baseline by more than 20 %; --write-baseline makes one
 *   --raw <file>     every sample and figure as JSON lines    --flame <folder>  draws V8 profiles, measures nothing
 * `part worker` and `part sink` are how it starts its own processes.
 */
import { runBench } from './bench/run/bench.js';
import { leave } from './engine/leave.js';

await leave(await runBench(process.argv.slice(2)));
