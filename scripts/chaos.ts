/**
 * `npm run chaos`: a real intake, real workers, PostgreSQL and Temporal under load, while they are killed, paused, cut off and
 * their clocks moved; then it counts what was lost, done twice or done without leave.
 *   --runs <n>   --seed <n>   --minutes <n> at most   --quick for a short one   --json the report alone on standard output
 *   --fault-every <ms> on average; the fewer, the more runs come to an end in the time
 *   --report <file> keeps the report   --keep leaves logs and data
 * `part <name>` is how it starts its own processes.
 */
import { runChaos } from './chaos/run/chaos.js';
import { leave } from './engine/leave.js';

await leave(await runChaos(process.argv.slice(2)));
