/** The restart action on a real supervisord and in the fake world, by one contract; then what only the real one can meet. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSupervisorAdapters } from '../../activities/supervisor/index.js';
import { SupervisorClient } from '../../activities/supervisor/client.js';
import { freePort } from '../../scripts/servers/port.js';
import {
  anyNewPid,
  findProcess,
  restartProcess,
  type ProcessRef,
  type ProcessState,
} from '../../workflows/actions/supervisor.js';
import { createFakeWorld } from '../support/fake-world/fake-world.js';
import {
  actionContract,
  adapterOf,
  failureOf,
  firstAttempt,
  neverAborted,
  planned,
  type World,
} from './action-contract.js';
import { factOf } from './fact-of.js';
import { startSupervised, type Supervised } from './supervised.js';

const { signal } = neverAborted;
const programs = ['steady', 'slow', 'dies', 'absent', 'missing'];
const services = Object.fromEntries(
  programs.map((process) => [process, { host: 'local', process }]),
);
let server: Supervised;

beforeAll(async () => {
  server = await startSupervised();
});
afterAll(() => server.stop());

const supervisor = (): SupervisorClient => new SupervisorClient('local', server.host);
const adapters = () => createSupervisorAdapters({ hosts: { local: server.host }, services });
const restart = () => adapterOf(adapters(), restartProcess);

async function running(process: string): Promise<void> {
  const { statename } = await supervisor().info(process, signal);
  if (statename !== 'RUNNING') await supervisor().start(process, signal);
}

async function down(name: string): Promise<void> {
  await running(name);
  await supervisor().stop(name, signal);
}

function realWorld(name: string): World<ProcessRef, ProcessState> {
  const input = { host: 'local', process: name };
  const adapter = restart();
  return {
    adapter,
    input,
    read: () => adapter.look(input, neverAborted),
    moveByOthers: async () => {
      await down(name);
      await supervisor().start(name, signal);
    },
    close: () => Promise.resolve(),
  };
}

function fakeWorld(breaks: 'dies' | 'wedges'): World<ProcessRef, ProcessState> {
  const world = createFakeWorld({ now: Date.now });
  world[breaks]('shop');
  const input = world.refOf('shop');
  return {
    adapter: adapterOf(world.implementations, restartProcess),
    input,
    read: () => Promise.resolve(world.snapshot()),
    moveByOthers: () => Promise.resolve(world.processes.restartedByHand(input)),
    close: () => Promise.resolve(),
  };
}

actionContract({
  name: 'restarting a process that is down, under supervisord',
  action: restartProcess,
  fresh: async () => {
    await down('steady');
    return realWorld('steady');
  },
});

actionContract({
  name: 'restarting a process that runs, under supervisord',
  action: restartProcess,
  fresh: async () => {
    await running('steady');
    return realWorld('steady');
  },
});

actionContract({
  name: 'restarting a process that is down, in the fake world',
  action: restartProcess,
  fresh: () => Promise.resolve(fakeWorld('dies')),
});

actionContract({
  name: 'restarting a process that runs, in the fake world',
  action: restartProcess,
  fresh: () => Promise.resolve(fakeWorld('wedges')),
});

describe('a restart that was interrupted', () => {
  test('is carried on when the worker was lost between stop and start', async () => {
    await running('steady');
    const asked = await planned(realWorld('steady'));
    const context = firstAttempt();
    await supervisor().stop('steady', signal);
    const after = await restart().apply(asked, { ...context, attempt: 2 });
    expect(after.state).toBe('RUNNING');
    expect(after.pid).not.toBe(asked.before.pid);
  });

  test('is waited for when the worker was lost while the process came up', async () => {
    await down('slow');
    const asked = await planned(realWorld('slow'));
    const context = firstAttempt();
    const lost = supervisor().start('slow', signal);
    await sleep(300);
    const midway = await supervisor().info('slow', signal);
    expect(midway.statename).toBe('STARTING');
    const after = await restart().apply(asked, { ...context, attempt: 2 });
    await lost;
    expect(after).toEqual({ state: 'RUNNING', pid: midway.pid });
  });

  test('does not take a restart from before its first attempt for its own', async () => {
    await running('steady');
    const asked = await planned(realWorld('steady'));
    await realWorld('steady').moveByOthers();
    await sleep(2100);
    const repeat = restart().apply(asked, { ...firstAttempt(), attempt: 2 });
    expect((await failureOf(repeat)).kind).toBe('refused');
  });
});

describe('what supervisord answers', () => {
  const apply = async (process: string) => {
    return failureOf(restart().apply(await planned(realWorld(process)), firstAttempt()));
  };

  test('a program that cannot be started is a failure that names it', async () => {
    const failure = await apply('absent');
    expect(failure.kind).toBe('failed');
    expect(failure.message).toMatch(/absent could not be started/);
  });

  test('a program that ends before it counts as up is a failure', async () => {
    const failure = await apply('dies');
    expect(failure.kind).toBe('failed');
  });

  test('a name that supervisord does not know is a failure that says where to correct it', async () => {
    const failure = await failureOf(
      restart().look({ host: 'local', process: 'missing' }, neverAborted),
    );
    expect(failure.kind).toBe('failed');
    expect(failure.message).toMatch(/services\.<service>\.process/);
  });

  test('a process or group that the settings do not name is refused', async () => {
    const failure = await failureOf(
      restart().look({ host: 'local', process: 'steady:*' }, neverAborted),
    );
    expect(failure.kind).toBe('refused');
  });

  test('a wrong password is a failure that shows no password', async () => {
    const host = { ...server.host, password: 'guess-4711' };
    const wrong = adapterOf(
      createSupervisorAdapters({ hosts: { local: host }, services }),
      restartProcess,
    );
    const failure = await failureOf(wrong.look({ host: 'local', process: 'steady' }, neverAborted));
    expect(failure.kind).toBe('failed');
    expect(failure.message).toMatch(/hosts\.local/);
    expect(failure.message).not.toContain('guess-4711');
  });

  test('nobody listening is transient, for an effect too', async () => {
    await down('steady');
    const asked = await planned(realWorld('steady'));
    const host = { ...server.host, url: `http://127.0.0.1:${await freePort()}/RPC2` };
    const gone = adapterOf(
      createSupervisorAdapters({ hosts: { local: host }, services }),
      restartProcess,
    );
    expect((await failureOf(gone.apply(asked, firstAttempt()))).kind).toBe('transient');
  });

  test('a connection lost after the start was sent is unknown', async () => {
    const lossy = createServer((_request, response) => response.destroy());
    const port = await freePort();
    await new Promise<void>((resolve) => lossy.listen(port, '127.0.0.1', resolve));
    const client = new SupervisorClient('local', {
      ...server.host,
      url: `http://127.0.0.1:${port}`,
    });
    expect((await failureOf(client.start('steady', signal))).kind).toBe('unknown');
    expect((await failureOf(client.info('steady', signal))).kind).toBe('transient');
    lossy.close();
  });

  test('an answer that does not come in time is unknown for an effect', async () => {
    await down('slow');
    const short = AbortSignal.timeout(200);
    expect((await failureOf(supervisor().start('slow', short))).kind).toBe('unknown');
  });
});

test('the after-image of a restart foretells no pid', async () => {
  await running('steady');
  const { expected } = await planned(realWorld('steady'));
  expect(expected).toEqual({ state: 'RUNNING', pid: anyNewPid });
});

test('finds the process of a service, and names the setting when there is none', async () => {
  await running('steady');
  const find = factOf(adapters(), findProcess);
  const found = await find({ service: 'steady' }, neverAborted);
  expect(found).toMatchObject({ host: 'local', process: 'steady', state: 'RUNNING' });
  expect(Math.abs(Date.parse(found.since) - Date.now())).toBeLessThan(60_000);
  const failure = await failureOf(find({ service: 'toString' }, neverAborted));
  expect(failure.message).toMatch(/add services\.toString/);
});

test('a service on a host that is not in the settings is a wrong setting', () => {
  expect(() => createSupervisorAdapters({ hosts: {}, services })).toThrow(/services\.steady\.host/);
});
