/**
 * The stop that is a file: while it exists everything is stopped, or what its lines name. For the moment in which nothing else
 * answers: it needs no database, no network and no program of ours. What cannot be read stops everything.
 */
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../workflows/domain/failure.js';
import type { StopOrder } from '../../workflows/gates/gate.js';
import { everything, requireScope } from './scope.js';

export type FileOrders = readonly StopOrder[];

/** Far more than anybody writes in a hurry; what is longer is not read on, it stops everything. */
const bytesMax = 64 * 1024;

/** The name of the file in the state folder, for those who were given none. */
export function stopFileIn(stateFolder: string): string {
  return join(stateFolder, 'stop');
}

/** The orders in the file; none only when its folder is there and it is not. Never throws. */
export async function readStopFile(path: string): Promise<FileOrders> {
  const all = (why: string): StopOrder[] => [{ scope: everything, by: 'a file', why }];
  try {
    const text = await textOf(path);
    if (text === undefined) return [];
    const lines = linesOf(text);
    if (lines.length === 0) return all(`${path} is there`);
    return lines.map((line) => orderOf(line, path));
  } catch (thrown) {
    return all(`${path} cannot be read: ${messageOf(thrown)}`);
  }
}

/** Undefined when there is no such file in a folder that can be looked into. */
async function textOf(path: string): Promise<string | undefined> {
  const handle = await open(path, 'r').catch(async (thrown: unknown) => {
    if (codeOf(thrown) !== 'ENOENT') throw thrown;
    await stat(dirname(path)); // a folder that went away says nothing about the file
    return undefined;
  });
  if (handle === undefined) return undefined;
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytesMax + 1), 0, bytesMax + 1, 0);
    if (bytesRead > bytesMax) throw new Error(`it is longer than ${bytesMax} bytes`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** A line that names no scope was meant to stop something, and nobody knows what. */
function orderOf(line: string, path: string): StopOrder {
  try {
    return { scope: requireScope(line), by: 'a file', why: `${path} names it` };
  } catch {
    const why = `${path} has a line that is no scope: ${line.slice(0, 80)}`;
    return { scope: everything, by: 'a file', why };
  }
}

function codeOf(thrown: unknown): unknown {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown
    ? thrown.code
    : undefined;
}
