#!/usr/bin/env node
/** The `belay` command: hands over to the program that knows the command, and does nothing itself. */

const program = process.argv[2] === 'up' ? './up.js' : './commands.js';
await import(new URL(program, import.meta.url).href);
