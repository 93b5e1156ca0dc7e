/** Golden transcripts: what a story read like when a person last agreed to it. UPDATE_GOLDEN=1 writes them anew. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { storiesFolder } from './shelf.js';

/** Fails with a difference by lines; a missing golden file is a difference from nothing. */
export async function agreesWithGolden(name: string, transcript: string): Promise<void> {
  const golden = await readFile(fileOf(name), 'utf8').catch(() => '');
  expect(transcript.split('\n')).toEqual(golden.split('\n'));
}

/** The same, but writes the file when it is asked to: for the simulator, which is where stories are written. */
export async function agreesOrIsWritten(name: string, transcript: string): Promise<void> {
  if (process.env['UPDATE_GOLDEN'] === '1') await writeFile(fileOf(name), transcript);
  await agreesWithGolden(name, transcript);
}

function fileOf(name: string): string {
  return join(storiesFolder, `${name}.golden.txt`);
}
