/** Golden transcripts: what a story read like when a person last agreed to it. UPDATE_GOLDEN=1 writes them anew. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { storiesFolder } from './shelf.js';

/** Fails with a difference by lines; a missing golden file is a difference from nothing. */
export async function compareGolden(name: string, transcript: string): Promise<void> {
  const file = join(storiesFolder, `${name}.golden.txt`);
  if (process.env['UPDATE_GOLDEN'] === '1') return writeFile(file, transcript);
  expect(transcript.split('\n')).toEqual((await goldenOf(name)).split('\n'));
}

export async function goldenOf(name: string): Promise<string> {
  return readFile(join(storiesFolder, `${name}.golden.txt`), 'utf8').catch(() => '');
}
