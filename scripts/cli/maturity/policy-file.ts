/** Which policy file the maturity commands read: the worker's, or the project's own. Reads nothing itself. */
import { join } from 'node:path';
import type { Terminal } from '../terminal.js';

export function policyFileOf({ env }: Pick<Terminal, 'env'>): string {
  return env['BELAY_POLICY_FILE'] ?? join('policies', 'services.yaml');
}
