/**
 * A settings file that is read again when it changes. One that becomes wrong leaves the last good one in force, and says so;
 * one that was never right gives no value, which is a no.
 */
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../../workflows/domain/failure.js';
import type { Known } from '../../workflows/domain/verdict.js';

export interface Watched<Value> {
  readonly value: Known<Value>;
  /** What is wrong with the file as it is now, with its line; null when nothing is. */
  readonly problem: string | null;
}

export interface WatchedFileOptions<Value> {
  readonly path: string;
  /** Throws with file and line for what it cannot use. */
  parse(text: string): Value;
  /** What holds where there is no such file; without it there must be one. */
  readonly absent?: Value;
}

/** Never rejects. Whoever asks while it is being read waits for that one reading. */
export function watchFile<Value>(
  options: WatchedFileOptions<Value>,
): () => Promise<Watched<Value>> {
  let kept: { readonly stamp: string; readonly reading: Promise<Watched<Value>> } | undefined;
  let good: { readonly value: Value } | undefined;

  const read = async (stamp: string): Promise<Watched<Value>> => {
    try {
      if (stamp === gone) return whenGone();
      const value = options.parse(await readFile(options.path, 'utf8'));
      good = { value };
      return { value: { known: true, value }, problem: null };
    } catch (error) {
      return lastGood(messageOf(error));
    }
  };
  const whenGone = (): Watched<Value> => {
    const isNew = good === undefined && options.absent !== undefined;
    if (isNew) return { value: { known: true, value: options.absent as Value }, problem: null };
    return lastGood(`${options.path}: there is no such file`);
  };
  const lastGood = (why: string): Watched<Value> => {
    if (good === undefined) return { value: { known: false, why }, problem: why };
    const problem = `${why}; what it said before stays in force`;
    return { value: { known: true, value: good.value }, problem };
  };

  return async () => {
    const stamp = await stampOf(options.path);
    if (kept?.stamp !== stamp) kept = { stamp, reading: read(stamp) };
    return kept.reading;
  };
}

const gone = 'gone';

/** The inode too: editors and configuration tools replace files by renaming. */
async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs}/${size}/${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return gone;
    return `unread: ${messageOf(error)}`;
  }
}
