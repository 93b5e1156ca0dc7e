/**
 * From an alert's webhook to the effect it causes, an HTTP call to the same sink: Belay in turn with each peer, same rates, same
 * alerts, same machine. What a peer does with an alert that it lost on the way is in words, not in milliseconds.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../servers/port.js';
import { peers } from '../peers/index.js';
import { installedPeer } from '../peers/install.js';
import type { Peer, RunningPeer } from '../peers/peer.js';
import type { Fired } from '../rig/alerts.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import { atPace, type Pace } from '../rig/pace.js';
import { post, postAlert } from '../rig/post.js';
import { allResolved } from '../rig/runs.js';
import { forwardEffects } from '../rig/side-door.js';
import type { Size } from '../rig/size.js';
import { warmUp } from './alert.js';
import { interleaved, Samples, type Series } from './latency.js';

const rates = [5, 20];
/** An effect that does not come within that is late, and counts as that long. */
const patienceMs = 30_000;
/** Beyond that a peer only queues, and a ratio to it says nothing. */
const keepsUpMs = 1_000;
const warmUpMaxMs = 20_000;
const ours = 'peer-belay';
const durability =
  'an accepted alert is in PostgreSQL; a run goes on where it was when a process dies';

export async function measurePeers(ground: Ground, size: Size): Promise<Figure[]> {
  const { worker } = await warmUp(ground, size.warmUps);
  const sink = await ground.sink();
  await forwardEffects(worker.doorUrl, sink.doorUrl);
  try {
    const measured: PeerFigures[] = [];
    for (const peer of peers) measured.push(await beside(ground, peer, size));
    const all = new Samples();
    for (const { belay } of measured) {
      for (const [index, found] of belay.entries()) all.add(ours, rates[index] ?? 0, found);
    }
    return [
      ...(measured.some(({ belay }) => belay.length > 0) ? latencies(all, ours, durability) : []),
      ...measured.flatMap(({ figures }) => figures),
    ];
  } finally {
    await forwardEffects(worker.doorUrl, null);
  }
}

interface PeerFigures {
  readonly figures: readonly Figure[];
  /** Belay's own samples beside it, by rate. */
  readonly belay: readonly (readonly number[])[];
}

/** A peer that cannot be had or started here is skipped, with its reason. */
async function beside(ground: Ground, peer: Peer, size: Size): Promise<PeerFigures> {
  let running: RunningPeer;
  try {
    running = await started(ground, peer);
  } catch (error) {
    ground.skip(`peer-${peer.name}`, error instanceof Error ? error.message : String(error));
    return { figures: [], belay: [] };
  }
  try {
    const series = [belaySeries(ground), await peerSeries(ground, { peer, running, size })];
    const samples = await interleaved({ series, size, log: ground.log, keep: ground.keep });
    const note = `${peer.name} ${peer.version}; ${peer.durability}`;
    return {
      figures: [...latencies(samples, nameOf(peer), note), ...ratios(samples, peer)],
      belay: rates.map((perSecond) => samples.of(ours, perSecond)),
    };
  } finally {
    await running.child.stop();
  }
}

async function started(ground: Ground, peer: Peer): Promise<RunningPeer> {
  const installed = await installedPeer(peer, ground.log);
  const folder = join(ground.folder, `peer-${peer.name}`);
  mkdirSync(folder, { recursive: true });
  ground.log(`starting ${peer.name} ${peer.version}`);
  const running = await peer.start({
    folder,
    installed,
    port: await freePort(),
    sinkUrl: (await ground.sink()).doorUrl,
    database: () => ground.database(`peer_${peer.name.replaceAll('-', '_')}`),
  });
  ground.stopLater(() => running.child.stop());
  return running;
}

function belaySeries(ground: Ground): Series {
  return {
    title: 'belay',
    perSecond: rates,
    async load(pace) {
      const { intake } = await ground.engine();
      const runs: string[] = [];
      const found = await load(ground, pace, {
        operationOf: ({ run }) => `${run}/restart`,
        send: async ({ body, run }) => {
          runs.push(run);
          return (await postAlert(intake, body)).sentMs;
        },
      });
      await allResolved(await ground.db(), runs);
      return { [ours]: found };
    },
  };
}

/** Once it does not keep up it is left alone: what it still owes would weigh on everything measured after it. */
async function peerSeries(
  ground: Ground,
  { peer, running, size }: { peer: Peer; running: RunningPeer; size: Size },
): Promise<Series> {
  const send = async ({ body }: Fired): Promise<number> => {
    const { sentMs, status } = await post(running.url, { body });
    if (status < 200 || status > 299) throw new Error(`${peer.name} answered ${status}`);
    return sentMs;
  };
  const door: Doorway = { operationOf: ({ alert }) => alert.fingerprint, send };
  let behind = false;
  const turn = async (pace: Pace): Promise<number[]> => {
    if (behind) return [];
    const found = await load(ground, pace, door);
    const late = found.filter((latencyMs) => latencyMs >= patienceMs).length;
    if (late === 0) return found;
    behind = true;
    ground.log(`${peer.name}: ${late} of ${found.length} late at ${pace.perSecond} a second`);
    await running.child.stop();
    return found;
  };
  await warmPeer(ground, door, size);
  return {
    title: peer.name,
    perSecond: rates,
    load: async (pace) => ({ [nameOf(peer)]: await turn(pace) }),
  };
}

/** One after another, since a slow one must not begin with a queue; bounded in time for the same reason. */
async function warmPeer(ground: Ground, door: Doorway, { warmUps }: Size): Promise<void> {
  const untilMs = clockMs() + warmUpMaxMs;
  for (let count = 0; count < warmUps && clockMs() < untilMs; count += 1) {
    await load(ground, { perSecond: 1, count: 1 }, door);
  }
}

interface Doorway {
  /** Under which name the sink hears of its effect. */
  operationOf(fired: Fired): string;
  /** When it was sent. */
  send(fired: Fired): Promise<number>;
}

/** Milliseconds from sending to the sink; what was refused or did not come counts as `patienceMs`. */
async function load(ground: Ground, pace: Pace, door: Doorway): Promise<number[]> {
  const sink = await ground.sink();
  const sent = await atPace(pace, async () => {
    const fired = ground.alerts.next('heals');
    const operation = door.operationOf(fired);
    const sentMs = await door.send(fired).catch(() => Number.NEGATIVE_INFINITY);
    return { operation, sentMs };
  });
  const operations = sent.map(({ operation }) => operation);
  const starts = await sink.startsWithin(operations, patienceMs);
  return sent.map(({ sentMs }, index) => {
    return Math.min(patienceMs, (starts[index] ?? Number.POSITIVE_INFINITY) - sentMs);
  });
}

function latencies(samples: Samples, what: string, note: string): Figure[] {
  return rates.flatMap((perSecond) => {
    const found = samples.of(what, perSecond);
    if (found.length === 0) return [];
    const inTime = found.filter((latencyMs) => latencyMs < patienceMs).length;
    const share = { value: (100 * inTime) / found.length, unit: '%' } as const;
    const figures = samples.figures(what, perSecond).map((figure) => ({ ...figure, note }));
    return [...figures, figureOf({ name: `${what}-in-time-at-${perSecond}`, ...share })];
  });
}

function ratios(samples: Samples, peer: Peer): Figure[] {
  return rates.flatMap((perSecond) => {
    const [belay, theirs] = [ours, nameOf(peer)].map((what) => {
      return samples.percentile(what, perSecond, 0.5);
    });
    if (belay === undefined || theirs === undefined || !(theirs < keepsUpMs)) return [];
    const name = `belay-over-${peer.name}-p50-at-${perSecond}`;
    return [figureOf({ name, value: belay / theirs, unit: 'x', better: 'lower' })];
  });
}

function nameOf({ name }: Peer): string {
  return `peer-${name}`;
}
