/** A workflow no bundle may be built of: it reads a file. */
import { readFileSync } from 'node:fs';

export function reachesForNode(): string {
  return readFileSync('/etc/hostname', 'utf8');
}
