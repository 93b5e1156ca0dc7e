/** Runs one program in the foreground in place of this one: same terminal, same signals, same exit code. */
import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/**
 * Answers the exit code: 128 and more when a signal ended it, as shells count.
 * @param {string[]} args the first is a file for Node to run
 * @param {{ env?: Record<string, string>, end?: AbortSignal }} [options] `end` tells it to end
 * @returns {Promise<number>}
 */
export function runNode(args, { env, end } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    const ignoreInterrupt = () => undefined; // the terminal sends it to the child as well
    const passOn = () => child.kill('SIGTERM');
    process.on('SIGINT', ignoreInterrupt);
    process.on('SIGTERM', passOn);
    end?.addEventListener('abort', passOn, { once: true });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      process.off('SIGINT', ignoreInterrupt);
      process.off('SIGTERM', passOn);
      end?.removeEventListener('abort', passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
