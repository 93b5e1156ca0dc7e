/** Every command of `belay`. All they do is in scripts/cli/. */
import { runBelay } from './cli/program.js';
import { terminalOf } from './cli/terminal.js';
import { leave } from './engine/leave.js';

await leave(await runBelay(process.argv.slice(2), terminalOf(process)));
