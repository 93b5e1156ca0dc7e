/** `belay audit`: prove the ledger, export it so that others can, retire old months, and make the notary's key. */
import type { Command } from 'commander';
import { makeKeyFile } from '../engine/notary-key.js';
import { addExport } from './audit/export.js';
import { addHistory } from './audit/history.js';
import { addRetire } from './audit/retire.js';
import { addVerify } from './audit/verify.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import type { Terminal } from './terminal.js';

export function addAudit(program: Command, terminal: Terminal): void {
  const audit = program
    .command('audit')
    .description('Prove the ledger, export it, retire old months of it')
    .summary('Prove the ledger, export it, retire old months of it');
  addVerify(audit, terminal);
  addExport(audit, terminal);
  addHistory(audit, terminal);
  addRetire(audit, terminal);
  addCommand(audit, {
    usage: 'key',
    says: 'Make a key for the notary, and its public half beside it',
  })
    .argument('<file>', 'where to keep it; only its owner may read it')
    .requiredOption('--name <name>', 'of the ledger, for good, such as ledger.example.com/belay')
    .action((file: string, options: KeyOptions) => {
      makeKey(terminal, file, options);
    });
}

interface KeyOptions extends JsonOption {
  readonly name: string;
}

function makeKey(terminal: Terminal, file: string, options: KeyOptions): void {
  const { name } = options;
  if (!/^[^\s+]+$/.test(name))
    throw misused(`"${name}" is no name`, 'give one without spaces and +');
  try {
    const verifier = makeKeyFile(file, name).trim();
    print(terminal, options, {
      document: { file, verifierKey: verifier },
      lines: (paint) => [paint('green', `${file} is made; who verifies needs this:`), verifier],
    });
  } catch (error) {
    const { code } = Object(error) as { code?: unknown };
    if (code === 'EEXIST') throw refused(`${file} is there already`, 'name another file');
    throw refused(
      `${file} cannot be written (${String(code)})`,
      'name a folder that can be written',
    );
  }
}
