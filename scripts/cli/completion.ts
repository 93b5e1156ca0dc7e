/** `belay completion <shell>`: a script for bash, zsh or fish, made from the same tree of commands that runs. */
import { Argument, type Command } from 'commander';
import { addCommand } from './command.js';
import type { Terminal } from './terminal.js';

export const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

export function addCompletion(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'completion', says: 'Print completion for a shell' })
    .addArgument(new Argument('<shell>', 'whose').choices(shells))
    .addHelpText(
      'after',
      [
        '',
        'To use it:',
        '  bash  belay completion bash > ~/.local/share/bash-completion/completions/belay',
        '  zsh   belay completion zsh > "${fpath[1]}/_belay"',
        '  fish  belay completion fish > ~/.config/fish/completions/belay.fish',
      ].join('\n'),
    )
    .action((shell: Shell) => {
      terminal.out(scripts[shell](branchesOf(program)).join('\n'));
    });
}

/** One command with everything that may follow it. */
interface Branch {
  /** `new runbook` for a command of a family; empty for belay itself. */
  readonly path: string;
  readonly says: string;
  readonly flags: readonly { readonly long: string; readonly says: string }[];
  /** Commands below it, or the words its first argument may be. */
  readonly words: readonly { readonly word: string; readonly says: string }[];
  /** Its first argument is a run's id. */
  readonly takesRun: boolean;
}

function branchesOf(command: Command, path = ''): Branch[] {
  const children = command.commands.filter((child) => child.name() !== 'help');
  const [argument] = command.registeredArguments;
  const below = children.map((child) => ({ word: child.name(), says: child.summary() }));
  const choices = (argument?.argChoices ?? []).map((word) => ({ word, says: '' }));
  const branch: Branch = {
    path,
    says: command.summary(),
    flags: command.options.flatMap(({ long, description }) =>
      typeof long === 'string' ? [{ long, says: description }] : [],
    ),
    words: [...below, ...choices],
    takesRun: argument?.name() === 'run',
  };
  const deeper = children.flatMap((child) => branchesOf(child, `${path} ${child.name()}`.trim()));
  return [branch, ...deeper];
}

/** Ids are asked of the store; when it does not answer there are none. */
const runIds = 'belay runs --ids 2>/dev/null';

const scripts: Record<Shell, (branches: readonly Branch[]) => string[]> = { bash, zsh, fish };

function bash(branches: readonly Branch[]): string[] {
  const cases = branches.map(({ path, words, flags, takesRun }) => {
    const known = [...words.map(({ word }) => word), ...flags.map(({ long }) => long)].join(' ');
    const ids = takesRun ? ` $(${runIds})` : '';
    return `    '${path}') words="${known}${ids}" ;;`;
  });
  return [
    '# completion of belay for bash',
    '_belay() {',
    '  local current="${COMP_WORDS[COMP_CWORD]}" path="" word words=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "$word" in -*) ;; *)',
    `      case "$path $word" in ${pathPatterns(branches)}) path="\${path:+$path }$word" ;; esac ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '  if [ ${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$current")); fi',
    '}',
    'complete -F _belay belay',
  ];
}

function pathPatterns(branches: readonly Branch[]): string {
  const paths = branches.map(({ path }) => path).filter((path) => path !== '');
  return paths.map((path) => (path.includes(' ') ? `'${path}'` : `' ${path}'`)).join('|');
}

function zsh(branches: readonly Branch[]): string[] {
  const cases = branches.map(({ path, words, flags, takesRun }) => {
    const known = [
      ...words.map(({ word, says }) => ({ word, says })),
      ...flags.map(({ long, says }) => ({ word: long, says })),
    ].map(({ word, says }) => quoted(`${word}:${says}`));
    const ids = takesRun ? `; words_known+=(\${(f)"$(${runIds})"})` : '';
    return `    ${quoted(path)}) words_known=(${known.join(' ')})${ids} ;;`;
  });
  return [
    '#compdef belay',
    '# completion of belay for zsh',
    '_belay() {',
    '  local path="" word',
    '  local -a words_known',
    '  for word in "${words[@]:1:$((CURRENT - 2))}"; do',
    '    case "$word" in -*) ;; *)',
    `      case "$path $word" in ${pathPatterns(branches)}) path="\${path:+$path }$word" ;; esac ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...cases,
    '  esac',
    "  _describe 'belay' words_known || _files",
    '}',
    'compdef _belay belay',
  ];
}

function fish(branches: readonly Branch[]): string[] {
  const top = branches.find(({ path }) => path === '');
  const lines = branches.flatMap(({ path, words, flags, takesRun }) => {
    const when = path === '' ? '__fish_use_subcommand' : seen(path);
    return [
      ...words.map(({ word, says }) => completion(when, `-f -a ${quoted(word)}`, says)),
      ...flags.map(({ long, says }) => completion(when, `-l ${long.slice(2)}`, says)),
      ...(takesRun ? [completion(when, `-f -a ${quoted(`(${runIds})`)}`, 'run')] : []),
    ];
  });
  return [`# completion of belay for fish (${top?.words.length ?? 0} commands)`, ...lines];
}

function seen(path: string): string {
  return path
    .split(' ')
    .map((word) => `__fish_seen_subcommand_from ${word}`)
    .join('; and ');
}

function completion(when: string, what: string, says: string): string {
  return `complete -c belay -n ${quoted(when)} ${what}${says === '' ? '' : ` -d ${quoted(says)}`}`;
}

/** For all three shells: no quote within a quote. */
function quoted(text: string): string {
  return `'${text.replace(/'/g, '’').replace(/\\/g, '')}'`;
}
