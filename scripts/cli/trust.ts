/** `belay trust`: what each class of action has earned, why, and how people raise it. What lowers it needs no command. */
import { Option, type Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import { grantTrust } from '../../activities/store/trust/change.js';
import { keyText, type RecordKey } from '../../activities/store/trust/ceiling.js';
import { changesOf, explainRecord, listRecords } from '../../activities/store/trust/record.js';
import { statementBytes } from '../../activities/store/trust/statement.js';
import { tiers, type Tier } from '../../workflows/domain/entry.js';
import type { Level } from '../../workflows/domain/level.js';
import { addCommand, print, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb } from './connections.js';
import { byOption, personOf, type PersonOption } from './person.js';
import type { Terminal } from './terminal.js';
import { folderOf, folderOption, hasSigners, type FolderOption } from './trust/folder.js';
import { explainedLines, recordLines, type Explained } from './trust/lines.js';
import { promote, propose } from './trust/promote.js';
import { trustProblems } from './trust/verify.js';

interface KeyOptions extends JsonOption, PersonOption, FolderOption {
  readonly tier: Tier;
  readonly environment: string;
}

export function addTrust(program: Command, terminal: Terminal): void {
  const trust = addCommand(program, {
    usage: 'trust',
    says: 'Show what each class of action has earned, and from which ledger lines',
  })
    .argument('[class]', 'of action, such as restart')
    .option('--explain', 'with the ledger line behind every number')
    .action((actionClass: string | undefined, options: JsonOption & { explain?: true }) =>
      show(terminal, actionClass, options),
    );
  addGrant(trust, terminal);
  addPropose(trust, terminal);
  addPromote(trust, terminal);
  addCommand(trust, {
    usage: 'verify',
    says: 'Count the ledger again, and verify every signature in force',
  })
    .option(...folderOption)
    .action((options: JsonOption & FolderOption) => verify(terminal, options));
}

async function show(
  terminal: Terminal,
  actionClass: string | undefined,
  options: JsonOption & { readonly explain?: true },
): Promise<void> {
  await withDb(terminal, async (db) => {
    const records = await listRecords(db, actionClass);
    if (options.explain !== true) {
      print(terminal, options, {
        document: { records },
        lines: (paint) => recordLines(records, paint),
      });
      return;
    }
    const explained = await Promise.all(records.map((record) => explain(db, record)));
    print(terminal, options, {
      document: { records: explained },
      lines: (paint) => explained.flatMap((one) => explainedLines(one, paint)),
    });
  });
}

async function explain(db: Db, record: Explained['record']): Promise<Explained> {
  const [changes, facts] = await Promise.all([changesOf(db, record), explainRecord(db, record)]);
  return { record, changes, facts };
}

function addKeyed(trust: Command, words: { usage: string; says: string; json?: string }): Command {
  return addCommand(trust, words)
    .argument('<class>', 'of action')
    .addOption(new Option('--tier <tier>', 'of the services').choices(tiers).makeOptionMandatory())
    .requiredOption('--environment <name>', 'where')
    .option(...byOption)
    .option(...folderOption);
}

function keyOf(actionClass: string, { tier, environment }: KeyOptions): RecordKey {
  return { actionClass, tier, environment };
}

function addGrant(trust: Command, terminal: Terminal): void {
  addKeyed(trust, {
    usage: 'grant',
    says: 'Grant a class that has no record its first level, once',
  })
    .addOption(new Option('--level <level>', '1 to 4').choices(['1', '2', '3', '4']).default('4'))
    .requiredOption('--why <text>', 'the reason, for the ledger')
    .action(async (actionClass: string, options: KeyOptions & { level: string; why: string }) => {
      const folder = folderOf(terminal, options);
      if (hasSigners(folder)) {
        throw refused(
          `${folder} names who signs, so nothing is granted any more`,
          'belay trust propose, then promote',
        );
      }
      const key = keyOf(actionClass, options);
      const level = Number(options.level) as Level;
      const by = personOf(terminal, options);
      await withDb(terminal, (db) =>
        saying(() => grantTrust(db, { ...key, level, by, why: options.why })),
      );
      print(terminal, options, {
        document: { ...key, level, by },
        lines: (paint) => [paint('green', `${keyText(key)} may act at level ${level}`)],
      });
    });
}

function addPropose(trust: Command, terminal: Terminal): void {
  const json = 'the statement is JSON already';
  addKeyed(trust, {
    usage: 'propose',
    says: 'Print the statement to sign for the next level',
    json,
  }).action(async (actionClass: string, options: KeyOptions) => {
    const folder = folderOf(terminal, options);
    const by = personOf(terminal, options);
    const key = keyOf(actionClass, options);
    const statement = await withDb(terminal, (db) => propose(db, { key, folder, by }));
    terminal.out(statementBytes(statement).toString('utf8').trimEnd());
  });
}

function addPromote(trust: Command, terminal: Terminal): void {
  addCommand(trust, {
    usage: 'promote',
    says: 'Raise the ceiling by a statement that people signed',
  })
    .argument('<statement>', 'the file that was signed')
    .requiredOption('--signature <file...>', 'made by ssh-keygen -Y sign -n belay-promotion@v1')
    .option(...folderOption)
    .action(
      async (
        statementFile: string,
        options: JsonOption & FolderOption & { signature: string[] },
      ) => {
        const folder = folderOf(terminal, options);
        const given = { statementFile, signatureFiles: options.signature, folder };
        const done = await withDb(terminal, (db) => promote(db, given));
        const { statement, signers, file, commit } = done;
        const where =
          commit === null ? 'not committed: no repository' : `commit ${commit.slice(0, 12)}`;
        print(terminal, options, {
          document: done,
          lines: (paint) => [
            paint(
              'green',
              `${keyText(statement.record)} was promoted from ${statement.from} to ${statement.to}, signed by ${signers.join(', ')}`,
            ),
            `${file} (${where})`,
          ],
        });
      },
    );
}

async function verify(terminal: Terminal, options: JsonOption & FolderOption): Promise<void> {
  const folder = folderOf(terminal, options);
  const problems = await withDb(terminal, (db) => trustProblems(db, folder));
  if (problems.length > 0) {
    throw refused(problems.slice(0, 20).join('\n'), 'stop the class, and look who changed what');
  }
  print(terminal, options, {
    document: { problems },
    lines: (paint) => [paint('green', 'every number is the ledger’s, every promotion is signed')],
  });
}

async function saying(change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refused(error.message, 'belay trust shows what is in force');
  }
}
