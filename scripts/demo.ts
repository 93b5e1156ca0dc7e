/**
 * The demo: breaks a real service five times and shows what Belay does. Ends with 0 when all came out as named.
 *   --once  end after the scenarios     --json  one JSON line on standard output, the story on standard error
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startGround, type Ground } from './demo/ground.js';
import { scenarios, type Audience, type Scenario } from './demo/scenarios.js';
import { Stage, type Timings } from './demo/stage.js';
import { createTeller } from './demo/teller.js';
import { leave } from './engine/leave.js';

interface Played extends Timings {
  readonly name: string;
  readonly outcome: string;
  readonly why?: string;
}

const { values } = parseArgs({
  options: { once: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' } },
});
const teller = createTeller(values.json === true ? process.stderr : process.stdout);
const staysUp = values.once !== true && values.json !== true && process.stdout.isTTY;
const audience: Audience = { answersWithinMs: staysUp ? 60_000 : 0 };

async function main(): Promise<boolean> {
  const folder = resolve(process.env['BELAY_STATE_FOLDER'] ?? '.belay', 'demo');
  teller.title('Starting a shop, its monitors and Belay');
  const ground = await startGround(folder, (line) => teller.say(line));
  if (ground.monitors.standIn !== undefined) {
    teller.say(
      `no Prometheus and Alertmanager here, the demo's own prober posts the alerts: ${ground.monitors.standIn}`,
    );
  }
  try {
    const played = await playAll(ground);
    const ok = played.every(({ outcome }, index) => outcome === chosen()[index]?.outcome);
    summarise(played, ok);
    if (staysUp) await stayUp(ground);
    return ok;
  } finally {
    await ground.stop();
  }
}

function chosen(): readonly Scenario[] {
  const { only } = values;
  return only === undefined ? scenarios : scenarios.filter(({ name }) => name === only);
}

async function playAll(ground: Ground): Promise<Played[]> {
  const played: Played[] = [];
  for (const scenario of chosen()) {
    const stage = new Stage(ground, teller, await lastLine(ground));
    await ground.levers.freshShop();
    await stage.calm();
    teller.title(scenario.title);
    played.push(await play(scenario, stage));
  }
  return played;
}

async function play({ name, play: perform }: Scenario, stage: Stage): Promise<Played> {
  try {
    await perform(stage, audience);
    const outcome = stage.lines.find(({ kind }) => kind === 'outcome')?.outcome ?? 'none';
    return { name, outcome, ...(await stage.timings()) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    stage.say(`NOT AS NAMED: ${why}`);
    return { name, outcome: 'not as named', why, alertToEffectMs: null, alertToOutcomeMs: 0 };
  }
}

async function lastLine({ db }: Ground): Promise<number> {
  const last = await db
    .selectFrom('ledger')
    .select('seq')
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.seq ?? 0;
}

function summarise(played: readonly Played[], ok: boolean): void {
  teller.title(ok ? 'All came out as named' : 'Not all came out as named');
  for (const { name, outcome, alertToEffectMs, alertToOutcomeMs } of played) {
    const effect = alertToEffectMs === null ? 'no effect' : `alert to effect ${alertToEffectMs} ms`;
    teller.say(
      `${name.padEnd(22)} ${outcome.padEnd(9)} ${effect}, alert to outcome ${(alertToOutcomeMs / 1000).toFixed(1)} s`,
    );
  }
  if (values.json === true) process.stdout.write(`${JSON.stringify({ scenarios: played, ok })}\n`);
}

async function stayUp({ engine, monitors, folder, shopUrl }: Ground): Promise<void> {
  teller.title('Everything stays up until Ctrl-C');
  teller.say(`Temporal UI    ${engine.uiUrl ?? 'not ours'}`);
  teller.say(`shop           ${shopUrl}/healthz`);
  teller.say(`Prometheus     ${monitors.prometheusUrl}`);
  teller.say(`Alertmanager   ${monitors.alertmanagerUrl}`);
  teller.say(`the CLI        BELAY_STATE_FOLDER=${folder} npm run -s belay -- runs`);
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
}

const ok = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  return false;
});
await leave(ok ? 0 : 1);
