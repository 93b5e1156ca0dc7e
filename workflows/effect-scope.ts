/** Marks the code that runs inside a step's effect, so that the interceptor can tell it from all other; knows nothing else. */
import { AsyncLocalStorage } from '@temporalio/workflow';

/** Holds the operation id while an effect is being scheduled; empty everywhere else. */
export const effectScope = new AsyncLocalStorage<string>();
