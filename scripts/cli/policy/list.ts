/** `belay policy list`: the catalogue of a set, with owner, day of review and what each policy protects. Changes nothing. */
import type { Rule } from '../../../activities/policy/rule.js';
import { ruleText } from '../../../activities/policy/words.js';
import { columns } from '../columns.js';
import { print, type JsonOption } from '../command.js';
import type { Paint, Terminal } from '../terminal.js';
import { compiledSet, servicesPathOf, type SetOption } from './the-set.js';

interface Listed {
  readonly id: string;
  readonly effect: Rule['effect'];
  readonly owner: string | null;
  /** The day by which somebody looks at it again. */
  readonly review: string | null;
  /** The day is over, or there is none. */
  readonly overdue: boolean;
  readonly protects: string | null;
  readonly says: string;
  readonly place: string;
}

export function list(terminal: Terminal, options: JsonOption & SetOption): void {
  const path = servicesPathOf(terminal, options);
  const { compiled, approved } = compiledSet(path);
  const today = new Date().toISOString().slice(0, 10);
  const policies = compiled.map(({ rule }) => listed(rule, today));
  print(terminal, options, {
    document: { path, policies, exceptions: approved.exceptions },
    lines: (paint) => [
      ...policies.flatMap((policy) => linesOf(policy, paint)),
      ...columns(
        approved.exceptions.map(({ runbook, class: actionClass, by, until, why }) => [
          paint('yellow', 'exception'),
          `${runbook}, ${actionClass}`,
          by,
          until ?? 'no end',
          why,
        ]),
      ),
    ],
  });
}

function listed(rule: Rule, today: string): Listed {
  const { id, effect, notes, place } = rule;
  const review = notes['review'] ?? null;
  return {
    id,
    effect,
    owner: notes['owner'] ?? null,
    review,
    overdue: review === null || review < today,
    protects: notes['protects'] ?? null,
    says: ruleText(rule),
    place: `${place.file}:${place.line}`,
  };
}

function linesOf(policy: Listed, paint: Paint): string[] {
  const { id, effect, owner, review, overdue, protects, says, place } = policy;
  const due = review === null ? 'no day of review' : `review ${review}`;
  return [
    `${paint(effect === 'permit' ? 'green' : 'yellow', effect)} ${paint('bold', id)}  ${owner ?? paint('red', 'nobody owns it')}  ${
      overdue ? paint('red', `${due}, overdue`) : paint('dim', due)
    }  ${paint('dim', place)}`,
    ...(protects === null ? [] : [`  protects ${protects}`]),
    `  ${says}`,
  ];
}
