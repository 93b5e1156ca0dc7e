/** The one activity of the bare workflow: the floor that no engine on Temporal can go below. Contract only. */
import { defineFact } from '../../../workflows/actions/action.js';

/** Notes when it started, and does nothing else. */
export const bareEffect = defineFact<{ operationId: string }, null>({
  name: 'bench.bare-effect',
  timeoutMs: 10_000,
  attemptsMax: 1,
});
