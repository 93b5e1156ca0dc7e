/** The five scenarios, each with what it must come to; a scenario that comes to anything else throws. */
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import { answerByCli, planOf, showTheWays } from './answer.js';
import type { Line, Stage } from './stage.js';

export interface Scenario {
  readonly name: string;
  readonly title: string;
  readonly outcome: OutcomeKind;
  /** Breaks the shop and watches Belay; returns when the outcome is there and everything it claims was seen. */
  play(stage: Stage, audience: Audience): Promise<void>;
}

export interface Audience {
  /** Somebody may answer: wait this long before answering through the CLI; 0 answers at once. */
  readonly answersWithinMs: number;
}

const alertWithinMs = 30_000;
const outcomeWithinMs = 90_000;

const healsAlone: Scenario = {
  name: 'heals-alone',
  title: 'a. Level 4: the shop is killed, and comes back without anybody',
  outcome: 'resolved',
  async play(stage) {
    const before = await stage.ground.levers.pid();
    stage.say(`kill -9 ${before}  (the shop)`);
    await stage.ground.levers.kill();
    await stage.until('opened', alertWithinMs);
    await stage.until('outcome', outcomeWithinMs);
    const after = await stage.ground.levers.pid();
    must(after > 0 && after !== before, 'the shop runs in a new process');
    stage.say(`the shop runs again, process ${after}; nobody was asked`);
  },
};

const approvedByAPerson: Scenario = {
  name: 'approved-by-a-person',
  title: 'b. Level 3: a retry storm; Belay proposes, a person approves, it heals',
  outcome: 'resolved',
  async play(stage, { answersWithinMs }) {
    const { levers } = stage.ground;
    const before = levers.configBytes();
    await storm(stage);
    await answered(stage, answersWithinMs);
    const end = await stage.until('outcome', outcomeWithinMs);
    must(!levers.configBytes().equals(before), 'the retries were lowered');
    stage.say('payments is well again: fewer retries let it breathe. Now take the repair back:');
    await answerByCli(stage, { kind: 'undo', run: end.run });
    await stage.until('undo', alertWithinMs);
    must(levers.configBytes().equals(before), 'the file is as before, byte for byte');
    stage.say('the file is as before, byte for byte');
  },
};

const doesNotHelp: Scenario = {
  name: 'does-not-help',
  title: 'c. The same remedy for another fault: it does not help, so it is taken back',
  outcome: 'undone',
  async play(stage) {
    const { levers } = stage.ground;
    const before = levers.configBytes();
    stage.say('payments fails and stays so: fewer retries cannot mend that');
    await levers.payments('failing');
    await stage.until('opened', alertWithinMs);
    await answered(stage, 0);
    await stage.until('outcome', outcomeWithinMs);
    must(levers.configBytes().equals(before), 'the file is as before, byte for byte');
    const pages = (await stage.told()).filter(({ urgency }) => urgency === 'page');
    must(
      pages.some(({ title }) => title.includes('undone')),
      'people were paged',
    );
    stage.say('the file is as before, byte for byte, and people were paged');
    await levers.payments('working');
  },
};

const nobodyAnswers: Scenario = {
  name: 'nobody-answers',
  title: 'd. Nobody answers: two people are asked in turn, then nothing is done',
  outcome: 'withheld',
  async play(stage) {
    const { levers, chain } = stage.ground;
    chain([
      { notify: 'on-call', wait: '4s' },
      { notify: 'team-lead', wait: '4s' },
    ]);
    const before = levers.configBytes();
    await storm(stage);
    await stage.until('outcome', outcomeWithinMs);
    const asked = stage.lines.filter(({ kind }) => kind === 'escalation');
    must(asked.length === 2, 'two people were asked');
    must(levers.configBytes().equals(before), 'nothing was changed');
    stage.say('nothing was changed: no answer is no');
  },
};

const workerDies: Scenario = {
  name: 'worker-dies',
  title: 'e. The worker is killed in the middle of the step; the run still ends right',
  outcome: 'resolved',
  async play(stage) {
    const { levers, engine, chain } = stage.ground;
    chain([{ notify: 'on-call', wait: '2m' }]);
    const starts = levers.starts();
    stage.say(`kill -9 ${await levers.pid()}  (the shop)`);
    await levers.kill();
    const next = await stage.first(['escalation', 'intent'], alertWithinMs);
    if (next.kind === 'escalation') {
      stage.say('it died again within the hour: what did not hold lost the right to act alone');
      await answerByCli(stage, { kind: 'approve', run: next.run, plan: planOf(next.says) });
      await stage.until('intent', alertWithinMs);
    }
    const { process: belay } = engine;
    stage.say(`kill -9 ${belay.pid}  (all of Belay, while it restarts the shop)`);
    await belay.kill();
    await belay.restart();
    stage.say('a new worker takes over');
    await stage.until('outcome', outcomeWithinMs);
    must(levers.starts() === starts + 1, 'supervisord started the shop once');
    stage.say(`the shop runs, process ${await levers.pid()}; supervisord started it once`);
  },
};

export const scenarios: readonly Scenario[] = [
  healsAlone,
  approvedByAPerson,
  doesNotHelp,
  nobodyAnswers,
  workerDies,
];

/** A fault of two seconds that the shop's own retries keep alive after it is gone. */
async function storm(stage: Stage): Promise<void> {
  stage.say('payments fails for two seconds; five retries each keep it down when it is back');
  await stage.ground.levers.payments('failing');
  setTimeout(() => void stage.ground.levers.payments('working'), 2_000);
  await stage.until('opened', alertWithinMs);
}

/** Waits for the question, then for a person as long as one may come, then answers as one would. */
async function answered(stage: Stage, withinMs: number): Promise<Line> {
  const asked = await stage.until('escalation', alertWithinMs);
  const plan = planOf(asked.says);
  showTheWays(stage, asked.run, plan);
  if (withinMs > 0) {
    stage.say(`(answered by the demo itself in ${withinMs / 1000} s if nobody does)`);
    const person = await stage.until('signal', withinMs).catch(() => undefined);
    if (person !== undefined) return person;
  }
  await answerByCli(stage, { kind: 'approve', run: asked.run, plan });
  return stage.until('signal', alertWithinMs);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`it should be that ${what}, and it is not`);
}
