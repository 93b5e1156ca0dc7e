/** Changing a setting in a real file with a real reload, and in the fake world, by one contract; then what only files can do. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  chmod,
  link,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSettingAdapters } from '../../activities/setting/index.js';
import { freePort } from '../../scripts/servers/port.js';
import {
  changeSetting,
  readSetting,
  type ChangeSetting,
  type SettingState,
} from '../../workflows/actions/setting.js';
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

const text = `{
  // Each retry is another request upstream.
  "retries":   5, /* was 2 */
  "token": "s3cret-in-the-file",
  "name": "shop",
}
`;

/** Holds the folder of each test; goes with all of them at the end. */
let root: string;
let folder: string;
let file: string;
let server: Server;
let reloadUrl: string;
/** What the service answers to the next reloads; 200 once it is empty. */
let answers: number[] = [];
/** The file as the service read it when it last reloaded. */
let loaded: string | undefined;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'belay-setting-'));
  const port = await freePort();
  reloadUrl = `http://127.0.0.1:${port}/-/reload`;
  server = createServer((request, response) => {
    response.statusCode = request.method === 'POST' ? (answers.shift() ?? 200) : 405;
    const isRead = response.statusCode === 200 ? readFile(file, 'utf8') : Promise.resolve(loaded);
    void isRead.then((read) => {
      loaded = read;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  server.closeAllConnections();
  await rm(root, { recursive: true, force: true });
});

async function freshFile(): Promise<void> {
  folder = await mkdtemp(join(root, 'world-'));
  file = join(folder, 'shop.json');
  await writeFile(file, text);
  loaded = text;
  answers = [];
}

const adapters = () => {
  const allowedKeys = ['retries', 'name', 'absent'];
  const services = { shop: { file, reloadUrl, allowedKeys } };
  return createSettingAdapters({ services, backupFolder: join(folder, 'copies') });
};
const change = () => adapterOf(adapters(), changeSetting);
const copies = () => readdir(join(folder, 'copies')).catch(() => []);

const input: ChangeSetting = { service: 'shop', key: 'retries', value: 3 };

function realWorld(): World<ChangeSetting, SettingState> {
  return {
    adapter: change(),
    input,
    read: async () => ({ file: await readFile(file, 'utf8'), loaded }),
    moveByOthers: () => writeFile(file, text.replace('5', '4')),
    close: () => rm(folder, { recursive: true }),
  };
}

actionContract({
  name: 'changing a setting in a file',
  action: changeSetting,
  fresh: async () => {
    await freshFile();
    return realWorld();
  },
});

actionContract({
  name: 'changing a setting in the fake world',
  action: changeSetting,
  fresh: () => {
    const world = createFakeWorld({ now: Date.now });
    const fresh: World<ChangeSetting, SettingState> = {
      adapter: adapterOf(world.implementations, changeSetting),
      input,
      read: () => Promise.resolve(world.snapshot()),
      moveByOthers: () => Promise.resolve(world.settings.editedByHand('shop', { timeoutMs: 1 })),
      close: () => Promise.resolve(),
    };
    return Promise.resolve(fresh);
  },
});

describe('the file', () => {
  beforeEach(freshFile);

  test('changes in the one number, and keeps its mode, comments and spaces', async () => {
    await chmod(file, 0o640);
    await change().apply(await planned(realWorld()), firstAttempt());
    expect(await readFile(file, 'utf8')).toBe(text.replace('5', '3'));
    expect((await stat(file)).mode & 0o777).toBe(0o640);
    expect(loaded).toBe(text.replace('5', '3'));
    expect(await readdir(folder)).toEqual(['copies', 'shop.json']);
  });

  test('is copied before it is changed, for its owner only, until the undo worked', async () => {
    const asked = await planned(realWorld());
    await change().apply(asked, firstAttempt());
    const [copy = ''] = await copies();
    expect(copy).toMatch(/^[0-9a-f]{64}$/);
    const path = join(folder, 'copies', copy);
    expect(await readFile(path, 'utf8')).toBe(text);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'copies'))).mode & 0o777).toBe(0o700);
    await change().undo({ ...asked, applied: 'yes' }, firstAttempt());
    expect(await copies()).toEqual([]);
  });

  test('shows hash and number of itself, and nothing else that stands in it', async () => {
    const seen = await factOf(adapters(), readSetting)(input, neverAborted);
    expect(Object.keys(seen).sort()).toEqual(['sha256', 'value']);
    expect(seen).toEqual(await change().look(input, neverAborted));
  });

  test('is not taken for ours when somebody else made the very same change', async () => {
    const asked = await planned(realWorld());
    await writeFile(file, text.replace('5', '3'));
    const apply = change().apply(asked, { ...firstAttempt(), attempt: 2 });
    expect((await failureOf(apply)).kind).toBe('refused');
  });

  test('is left alone when a stale copy of the operation is of another before-image', async () => {
    const asked = await planned(realWorld());
    await change().apply(asked, firstAttempt());
    await writeFile(file, text.replace('shop', 'cart'));
    const again = await planned(realWorld());
    await change().apply(again, firstAttempt());
    await change().undo({ ...again, applied: 'yes' }, firstAttempt());
    expect(await readFile(file, 'utf8')).toBe(text.replace('shop', 'cart'));
  });

  test('is untouched when no copy can be kept', async () => {
    await writeFile(join(folder, 'copies'), 'in the way');
    const asked = await planned(realWorld());
    const failure = await failureOf(change().apply(asked, firstAttempt()));
    expect(failure.message).toMatch(/backupFolder/);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  test('is replaced, never written through: another name of it keeps the old bytes', async () => {
    await link(file, join(folder, 'other-name.json'));
    await change().apply(await planned(realWorld()), firstAttempt());
    expect(await readFile(join(folder, 'other-name.json'), 'utf8')).toBe(text);
  });
});

describe('the reload', () => {
  beforeEach(freshFile);

  test('that fails after the change is transient, and the repeat only reloads', async () => {
    answers = [503];
    const asked = await planned(realWorld());
    const context = firstAttempt();
    expect((await failureOf(change().apply(asked, context))).kind).toBe('transient');
    expect(loaded).toBe(text);
    const changedAtMs = (await stat(file)).mtimeMs;
    await change().apply(asked, { ...context, attempt: 2 });
    expect(loaded).toBe(text.replace('5', '3'));
    expect((await stat(file)).mtimeMs).toBe(changedAtMs);
  });

  test('is part of the undo, also when the file was restored already', async () => {
    const asked = await planned(realWorld());
    await change().apply(asked, firstAttempt());
    answers = [500];
    const undo = { ...asked, applied: 'yes' } as const;
    expect((await failureOf(change().undo(undo, firstAttempt()))).kind).toBe('transient');
    expect(await readFile(file, 'utf8')).toBe(text);
    await change().undo(undo, { ...firstAttempt(), attempt: 2 });
    expect(loaded).toBe(text);
  });

  test('that nobody answers is transient', async () => {
    const unreachable = `http://127.0.0.1:${await freePort()}/`;
    const services = { shop: { file, reloadUrl: unreachable, allowedKeys: ['retries'] } };
    const lonely = adapterOf(
      createSettingAdapters({ services, backupFolder: join(folder, 'copies') }),
      changeSetting,
    );
    const failure = await failureOf(lonely.apply(await planned(realWorld()), firstAttempt()));
    expect(failure.kind).toBe('transient');
  });
});

describe('refused, with the place and the fix', () => {
  beforeEach(freshFile);
  const refusal = async (ref: Partial<ChangeSetting>): Promise<string> => {
    const failure = await failureOf(change().look({ ...input, ...ref }, neverAborted));
    expect(failure.kind).toBe('refused');
    return failure.message;
  };

  test('a service that the settings do not name', async () => {
    expect(await refusal({ service: 'constructor' })).toMatch(/add services\.constructor/);
  });

  test('a key that may not be changed', async () => {
    expect(await refusal({ key: 'token' })).toMatch(/services\.shop\.allowedKeys/);
  });

  test('a value that is no number, or missing', async () => {
    expect(await refusal({ key: 'name' })).toMatch(/"name" is no number/);
    expect(await refusal({ key: 'absent' })).toMatch(/"absent" is missing/);
  });

  test('a symbolic link, wherever it leads', async () => {
    await rm(file);
    await symlink('/etc/hostname', file);
    expect(await refusal({})).toMatch(/symbolic link/);
  });

  test('a file that is missing, a folder, or no JSON', async () => {
    await writeFile(file, '{\n "retries": }');
    expect(await refusal({})).toMatch(/correct line 2/);
    await writeFile(file, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(await refusal({})).toMatch(/no UTF-8/);
    await rm(file);
    expect(await refusal({})).toMatch(/does not exist/);
  });

  test('a key that stands in the file twice', async () => {
    await writeFile(file, '{"retries": 5, "retries": 5}');
    expect((await failureOf(planned(realWorld()))).message).toMatch(/more than once/);
  });

  test('a number that JSON cannot hold', async () => {
    const world = { ...realWorld(), input: { ...input, value: Number.NaN } };
    expect((await failureOf(planned(world))).kind).toBe('refused');
  });

  test('a relative path in the settings', () => {
    const services = { shop: { file: 'shop.json', reloadUrl, allowedKeys: [] } };
    expect(() => createSettingAdapters({ services, backupFolder: '/tmp/x' })).toThrow(
      /services\.shop\.file/,
    );
  });
});
