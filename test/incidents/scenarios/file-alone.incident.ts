/** Sign-in, console and network are down, and with them every other way to say stop: what is left is a file beside the worker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judge } from '../../../activities/store/judgement.js';
import { readStopFile, stopFileIn } from '../../../activities/store/stop-file.js';
import { known } from '../../../workflows/domain/verdict.js';
import { changesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';

/** A real file, read as the worker reads it. */
async function ordersOf(text: string): ReturnType<typeof readStopFile> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-stop-'));
  try {
    writeFileSync(stopFileIn(folder), text);
    return await readStopFile(stopFileIn(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const orders = await ordersOf('# Ana, 03:12\nservice:shop\n');

export default incident('everything-but-the-file-is-down', {
  incident: 'Facebook, October 2021; Cloudflare 2025: the way to stop it was on what was broken',
  mechanism: 'nobody can sign in, and ana writes the name of the service into a file',
  guard: 'the switch: a file stops too, without a database, a network or a program',
  runbook: restartBlindly,
  given: (world) => world.dies('shop'),
  scenery: () => ({
    instead: {
      judge: (input, heard) => judge(input, { ...heard, alsoStopped: known(orders) }),
    },
  }),
  script: (s) => s.at('1m').fires('ServiceDown'),
  answer: { kind: 'outcome', says: /names it/, reason: 'stopped' },
  without: () => ({ name: 'the file is not read', instead: { judge } }),
  harm: (left) => {
    const done = changesOf(left);
    return done === undefined ? undefined : `${done}; ana had stopped the service by a file`;
  },
});
