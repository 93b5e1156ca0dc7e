/** `belay proposal <run>`: what a run would do, why, how sure it is of what it saw, and what the gates said to it. Acts on nothing. */
import type { Command } from 'commander';
import { addCommand, print, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb } from './connections.js';
import { gateLines, proposalLines } from './proposal.js';
import { findRun, runArgument } from './run-argument.js';
import { keptOf } from './show.js';
import type { Terminal } from './terminal.js';

export function addProposal(program: Command, terminal: Terminal): void {
  const says = 'Show what a run proposes, why, and how sure it is of what it saw';
  addCommand(program, { usage: 'proposal', says })
    .argument(...runArgument)
    .action(async (typed: string, options: JsonOption) => {
      const { row, proposal, gates } = await withDb(terminal, async (db) => {
        return keptOf(db, await findRun(db, typed));
      });
      if (proposal === undefined) {
        throw refused(`${row.run} made no proposal`, `belay show ${row.run} tells why`);
      }
      print(terminal, options, {
        document: { run: row.run, proposal, gates },
        lines: (paint) => [...proposalLines(proposal, paint), ...gateLines(gates, paint)],
      });
    });
}
