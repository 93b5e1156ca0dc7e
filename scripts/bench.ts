/**
 * `npm run bench`: measures what the README promises, on servers of its own, and prints a table.
 *   --only <family>  one family or several with commas     --quick  small counts, to see that it works
 *   --json           one line for each figure on standard output
 * `part worker` is how it starts its own processes.
 */
import { runBench } from './bench/run/bench.js';

process.exitCode = await runBench(process.argv.slice(2));
