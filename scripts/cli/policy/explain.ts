/** `belay policy explain <run>`: every decision of policy about a run, with its facts, the policies that decided and the set. */
import type { PolicyTrace, StepTrace } from '../../../activities/policy/trace.js';
import { conditionText, factsText } from '../../../activities/policy/words.js';
import type { Rule } from '../../../activities/policy/rule.js';
import { readSetFilesNow } from '../../../activities/policy/set-files.js';
import { compileSet, digestOf } from '../../../activities/policy/set.js';
import { maybeKnown, type FactName } from '../../../activities/policy/fact.js';
import { tracedDecisions, type TracedDecision } from '../../../activities/store/policy-use.js';
import { levelName } from '../../../workflows/domain/level.js';
import { print, type JsonOption } from '../command.js';
import { refused } from '../complaint.js';
import { withDb } from '../connections.js';
import { findRun } from '../run-argument.js';
import type { Paint, Terminal } from '../terminal.js';
import { servicesPathOf, type SetOption } from './the-set.js';

export async function explain(
  terminal: Terminal,
  typed: string,
  options: JsonOption & SetOption,
): Promise<void> {
  const decisions = await withDb(terminal, async (db) =>
    tracedDecisions(db, { run: await findRun(db, typed) }),
  );
  if (decisions.length === 0) {
    throw refused(
      `policy was not asked at admission about ${typed}`,
      'belay show tells how far it came',
    );
  }
  const known = rulesOfToday(servicesPathOf(terminal, options));
  print(terminal, options, {
    document: { decisions },
    lines: (paint) => decisions.flatMap((decision) => decisionLines(decision, known, paint)),
  });
}

interface KnownRules {
  readonly digest: string;
  readonly rules: readonly Rule[];
}

/** What the policies say can be told in words only while the files are still those of the decision. */
function rulesOfToday(path: string): KnownRules | undefined {
  try {
    const files = readSetFilesNow(path);
    return { digest: digestOf(files), rules: compileSet(files).compiled.map(({ rule }) => rule) };
  } catch {
    return undefined;
  }
}

function decisionLines(
  { at, says, reason, trace }: TracedDecision,
  known: KnownRules | undefined,
  paint: Paint,
): string[] {
  const rules = known?.digest === trace.set.digest ? known.rules : [];
  return [
    `${paint('bold', at.toISOString())}  ${says}${reason === null ? '' : paint('red', `  ${reason}`)}`,
    `  set ${trace.set.digest.slice(0, 12)}${trace.set.release === null ? '' : `, release ${trace.set.release}`}${
      rules.length === 0
        ? paint('dim', '  (the files have changed since: its policies are named, not told)')
        : ''
    }`,
    ...(trace.set.refused === undefined
      ? []
      : [`  ${paint('yellow', 'newer files were refused then')}: ${trace.set.refused}`]),
    `  ${trace.runbook} on ${trace.service}: ${factsText(trace.facts).join(', ')}`,
    ...unknownLines(trace, paint),
    ...trace.steps.flatMap((step) => stepLines(step, rules, paint)),
  ];
}

function unknownLines({ facts, unknown }: PolicyTrace, paint: Paint): string[] {
  const names = (Object.keys(maybeKnown) as FactName[]).filter(
    (name) => name !== 'approved' && facts[name] === undefined,
  );
  if (names.length === 0) return [];
  const told = names.map(
    (name) => `${name}${unknown[name] === undefined ? '' : ` (${unknown[name]})`}`,
  );
  return [`  ${paint('yellow', 'not known')}: ${told.join(', ')}`];
}

function stepLines(step: StepTrace, rules: readonly Rule[], paint: Paint): string[] {
  const { level, by, held, facts, unapproved, error } = step;
  const head =
    level === null ? paint('red', 'not permitted') : `level ${level}, ${levelName[level]}`;
  const next = level === null ? 1 : level + 1;
  return [
    `  ${paint('bold', step.step)}: ${head}`,
    `    ${factsText(facts).join(', ') || 'nothing is known of it'}`,
    ...(error === undefined ? [] : [`    ${error}`]),
    ...(unapproved === undefined ? [] : [`    not approved: ${unapproved}`]),
    ...by.map((id) => `    permitted by ${told(id, rules)}`),
    ...held.map((id) => `    level ${next} forbidden by ${told(id, rules)}`),
    ...(held.length === 0 && next <= 5 && error === undefined
      ? [`    no policy permits level ${next}`]
      : []),
  ];
}

function told(id: string, rules: readonly Rule[]): string {
  const rule = rules.find((one) => one.id === id);
  return rule === undefined ? id : `${id}: ${conditionText(rule.when)}`;
}
