/** One whole storm: ground, load and faults, then calm, then the records. Judges nothing. */
import { sql } from 'kysely';
import { openTemporal } from '../../../workers/intake/temporal-runs.js';
import { readStored, type Evidence } from '../oracle/evidence.js';
import type { Counted } from '../oracle/report.js';
import { chanceFrom } from '../rig/chance.js';
import type { Ground } from '../rig/ground.js';
import { Load } from '../storm/load.js';
import { Sender } from '../storm/sender.js';
import { Storm } from '../storm/storm.js';
import { allReady, settled, unfinished } from './settle.js';

export interface Size {
  readonly runs: number;
  readonly seed: number;
  /** The storm is no longer than this; the calm after it has its own bound. */
  readonly stormMsMax: number;
  readonly settleMsMax: number;
  readonly perSecond: number;
  /** Between two faults on average. */
  readonly faultEveryMs: number;
}

export interface Weathered {
  readonly counted: Counted;
  readonly evidence: Evidence;
}

/** Throws when it could not be done at all; what went wrong in the engine is in the evidence. */
export async function weather(
  ground: Ground,
  size: Size,
  log: (line: string) => void,
): Promise<Weathered> {
  const startedMs = Date.now();
  await allReady(ground);
  log(`the storm begins: ${size.runs} alerts, seed ${size.seed}`);
  const chance = chanceFrom(size.seed);
  const stormStartMs = Date.now();
  let calm = false;
  const urls = ground.intakes.map(({ url }) => url);
  const sender = new Sender({ urls, token: ground.token, givesUp: () => calm });
  const storm = new Storm({
    ground,
    chance: chance.fork('faults'),
    everyMs: size.faultEveryMs,
    log,
  });
  const untilMs = stormStartMs + size.stormMsMax;
  const { fleet, db } = ground;
  const { runs, perSecond } = size;
  const load = new Load({
    chance: chance.fork('load'),
    fleet,
    sender,
    db,
    runs,
    perSecond,
    untilMs,
  });
  const telling = setInterval(() => {
    log(`${load.posted} alerts raised, ${storm.struck.length} faults`);
  }, 15_000);
  storm.begin();
  try {
    await load.run();
  } finally {
    clearInterval(telling);
    await storm.end();
  }
  const stormMs = Date.now() - stormStartMs;
  log(
    `the storm is over after ${storm.struck.length} faults; waiting for ${load.posted} runs to end`,
  );
  await allReady(ground);
  await sender.idle();
  calm = true;
  const records = await readRecords(ground, size, log);
  const evidence = { ...records, acknowledged: sender.acknowledged, stops: storm.stops };
  const parts = [...ground.workers, ...ground.intakes].map(({ part }) => part);
  const counted: Counted = {
    seed: size.seed,
    asked: size.runs,
    alerts: load.posted,
    retries: sender.retries,
    refused: sender.refused,
    struck: storm.struck,
    secondAttempts: await secondAttempts(ground),
    endedByThemselves: Object.fromEntries(
      parts.map((part) => [part.name, part.endedByItself.length]),
    ),
    stormMs,
    wholeMs: Date.now() - startedMs,
  };
  return { counted, evidence };
}

async function readRecords(
  ground: Ground,
  size: Size,
  log: (line: string) => void,
): Promise<Omit<Evidence, 'acknowledged' | 'stops'>> {
  const client = openTemporal({ address: ground.temporalAddress, namespace: 'default' });
  try {
    const left = await settled(ground, client, { withinMs: size.settleMsMax, log });
    if (left !== undefined) log(`it did not settle: ${left}`);
    const stored = await readStored(ground.db);
    const mutations = await ground.fleet.journal();
    return { ...stored, mutations, workflows: await unfinished(client) };
  } finally {
    await client.connection.close();
  }
}

async function secondAttempts({ db }: Ground): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM operations WHERE attempts > 1`.execute(db);
  return rows[0]?.count ?? 0;
}
