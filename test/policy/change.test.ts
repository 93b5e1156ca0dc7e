/** What the last change of the shipped policies newly allows was meant: its commit says so, or it allows nothing new. */
import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { belay } from '../cli/recorded-terminal.js';

/** A copy of one commit, or none of the history at all, has nothing to compare with. */
function hasHistory(): boolean {
  try {
    const said = execFileSync('git', ['rev-list', '--count', 'HEAD'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return Number(said) > 1;
  } catch {
    return false;
  }
}

test('the last change of policies allows nothing that nobody meant', async () => {
  const said = await belay(['policy', 'prove', '--policy', 'policies', '--from', 'last']);
  if (hasHistory()) expect(said).toMatchObject({ exit: 0, err: '' });
  else expect(said).toMatchObject({ exit: 1, err: expect.stringMatching(/git: |nothing lies/) });
}, 60_000);
