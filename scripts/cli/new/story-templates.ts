/** The proof of a new runbook: a story, the transcript it reads as, and its place under the unwind harness. Plays nothing. */
import { planHashOf, shortHash } from '../../../workflows/domain/plan.js';
import { minutes } from '../../../workflows/domain/time.js';
import { constText, propertyText } from './literal.js';
import type { Naming } from './naming.js';

const says = 'restarts a dead process alone at level 4, sees it well, and it held';

export function storyText({ name, variable, alertname }: Naming): string {
  return `/** Level 4: what happens to nobody when the process dies at night; write it over with what ${name} is for. */
import { ${variable} } from '../../runbooks/${name}/index.js';
import { story } from '../support/story/story.js';

${constText('alertname', alertname)}

export default story('${name}', {
  says: '${says}',
  unreleased: true, // delete this line when it ships, and record its history
  runbook: ${variable},
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires(alertname);
    s.between(0, '5s').expects('notice', /repairing at level 4/);
    s.between(0, '5s').expects('outcome', /^resolved/);
    s.between('1h', '61m').expects('closed', /held/);
  },
});
`;
}

/** What the simulator will say of it; UPDATE_GOLDEN=1 writes it anew when the story becomes another. */
export function goldenText(naming: Naming): string {
  const { name, alertname } = naming;
  const lines = [
    ['opened', `${alertname} on shop: ${name} begins`],
    ['proposal', `plan ${planOf(naming)}: restart shop on local`],
    ['decision', 'every gate passes; level 4, autonomous, overseen'],
    ['decision', 'every gate passed; leases taken on process:local/shop'],
    ['intent', 'about to restart shop on local'],
    ['tell console', `${alertname} on shop: repairing at level 4`],
    ['effect', 'done: restart shop on local'],
    ['confirmation', 'the probe answers: the probe of shop answers'],
    ['outcome', 'resolved: the service is well'],
    ['tell console', `${alertname} on shop: resolved`],
  ];
  return [
    `${name}: ${says}`,
    '',
    ...lines.map(([kind = '', text = '']) => `  +0m00s  ${kind.padEnd(14)}  ${text}`),
    ' +60m00s  closed          closed: resolved, held',
    '',
    `ends      ${name}: resolved, held; restart`,
    'world     process:local/shop: state EXITED -> RUNNING, pid 0 -> 101',
    'effects   restarted shop on local',
    '',
  ].join('\n');
}

/** The plan of the template's one step in the stories' world. */
function planOf({ name }: Naming): string {
  const step = {
    name: 'restart',
    action: 'supervisor.restart',
    actionClass: 'restart',
    target: 'process:local/shop',
    says: 'restart shop on local',
    input: { host: 'local', process: 'shop' },
    before: { state: 'EXITED', pid: 0 },
    expected: { state: 'RUNNING', pid: -1 },
    irreversible: null,
    bounds: {},
  };
  const confirmations = [{ says: 'the probe answers', withinMs: minutes(1) }];
  return shortHash(planHashOf({ runbook: name, steps: [step], done: [], confirmations }));
}

/** Its entry in test/unwind/harness.ts. */
export function harnessText({ name, alertname }: Naming): string {
  const key = name.includes('-') ? `'${name}'` : name;
  return `  ${key}: {
${propertyText({ key: 'alertname', value: alertname, indent: 4 })}
    helps: (world) => world.dies('shop'),
    helpsNot: (world) => {
      world.dies('shop');
      world.alerts.probing('shop', () => false);
    },
  },
`;
}
