/** `belay policy explain <run>`: every decision of policy about a run, with its facts, the policies that decided and the set. */
import type { PolicyTrace, StepTrace } from '../../../activities/policy/trace.js';
import { conditionText, factsText } from '../../../activities/policy/words.js';
import type { PolicyWords } from '../../../activities/policy/source.js';
import { readSetFilesNow } from '../../../activities/policy/set-files.js';
import { compileSet, digestOf } from '../../../activities/policy/set.js';
import { maybeKnown, type FactName } from '../../../activities/policy/fact.js';
import {
  decisionsOf,
  wordsOfSet,
  type TracedDecision,
} from '../../../activities/store/policy-use.js';
import type { Db } from '../../../activities/store/db.js';
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
  const path = servicesPathOf(terminal, options);
  const { decisions, words } = await withDb(terminal, async (db) => {
    const found = await decisionsOf(db, await findRun(db, typed));
    return { decisions: found, words: await wordsFor(db, found, path) };
  });
  if (decisions.length === 0) {
    throw refused(
      `policy was not asked at admission about ${typed}`,
      'belay show tells how far it came',
    );
  }
  print(terminal, options, {
    document: { decisions, sets: Object.fromEntries(words) },
    lines: (paint) => decisions.flatMap((decision) => decisionLines(decision, words, paint)),
  });
}

/** By digest of the set. */
type Words = ReadonlyMap<string, readonly PolicyWords[]>;

/** As the ledger has kept them since the set came into force; else as the files say, while they are still the same. */
async function wordsFor(
  db: Db,
  decisions: readonly TracedDecision[],
  path: string,
): Promise<Words> {
  const words = new Map<string, readonly PolicyWords[]>(wordsOfToday(path));
  for (const digest of new Set(decisions.map(({ trace }) => trace.set.digest))) {
    const kept = await wordsOfSet(db, digest);
    if (kept.length > 0) words.set(digest, kept);
  }
  return words;
}

function wordsOfToday(path: string): [digest: string, words: readonly PolicyWords[]][] {
  try {
    const files = readSetFilesNow(path);
    const words = compileSet(files).compiled.map(({ rule: { id, effect, when } }) => {
      return { id, effect, when: conditionText(when) };
    });
    return [[digestOf(files), words]];
  } catch {
    return []; // the decision is told all the same
  }
}

function decisionLines(
  { at, says, reason, trace, confidence }: TracedDecision,
  words: Words,
  paint: Paint,
): string[] {
  const rules = words.get(trace.set.digest) ?? [];
  return [
    `${paint('bold', at.toISOString())}  ${says}${reason === null ? '' : paint('red', `  ${reason}`)}`,
    `  set ${trace.set.digest.slice(0, 12)}${trace.set.release === null ? '' : `, release ${trace.set.release}`}${
      rules.length === 0
        ? paint('dim', '  (nobody kept what it said: its policies are named, not told)')
        : ''
    }`,
    ...(trace.set.refused === undefined
      ? []
      : [`  ${paint('yellow', 'newer files were refused then')}: ${trace.set.refused}`]),
    `  ${trace.runbook} on ${trace.service}: ${factsText(trace.facts).join(', ')}`,
    ...unknownLines(trace, paint),
    ...(confidence?.parts ?? []).map(
      ({ what, value, weight, why }) => `    ${value.toFixed(2)} x ${weight}  ${what}: ${why}`,
    ),
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

function stepLines(step: StepTrace, rules: readonly PolicyWords[], paint: Paint): string[] {
  const { level, by, held, facts, unapproved, lowered, error } = step;
  const head =
    level === null ? paint('red', 'not permitted') : `level ${level}, ${levelName[level]}`;
  const next = level === null ? 1 : level + 1;
  return [
    `  ${paint('bold', step.step)}: ${head}`,
    `    ${factsText(facts).join(', ') || 'nothing is known of it'}`,
    ...(lowered === undefined
      ? []
      : [`    ${paint('yellow', `level ${lowered.level} instead`)}: ${lowered.why}`]),
    ...(error === undefined ? [] : [`    ${error}`]),
    ...(unapproved === undefined ? [] : [`    not approved: ${unapproved}`]),
    ...by.map((id) => `    permitted by ${told(id, rules)}`),
    ...held.map((id) => `    level ${next} forbidden by ${told(id, rules)}`),
    ...(held.length === 0 && next <= 5 && error === undefined
      ? [`    no policy permits level ${next}`]
      : []),
  ];
}

function told(id: string, rules: readonly PolicyWords[]): string {
  const rule = rules.find((one) => one.id === id);
  return rule === undefined ? id : `${id}: ${rule.when}`;
}
