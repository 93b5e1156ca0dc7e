/** `belay up` as a program of its own: it stays for days, so it loads nothing but what starting and mending needs. */
import { runCommands } from './cli/command-line.js';
import { terminalOf } from './cli/terminal.js';
import { addUp } from './cli/up.js';
import { leave } from './engine/leave.js';

await leave(await runCommands([addUp], process.argv.slice(2), terminalOf(process)));
