/** A runbook whose verbs lack a defence: steps without bounds, repairs nobody confirms. For tests only. */
import type { Run, Runbook } from '../../../workflows/runbook.js';
import type { Weakness } from '../incident.js';

function withVerbs(change: (run: Run) => Partial<Run>): (runbook: Runbook) => Runbook {
  return ({ meta, body }) => {
    return { meta, body: (run, alert) => body({ ...run, ...change(run) }, alert) };
  };
}

export function inputsNotBounded(): Weakness {
  const anything = { value: { min: -1e9, max: 1e9 } };
  const runbook = withVerbs((run) => ({
    step: (name, action, input) => run.step(name, { ...action, bounds: anything }, input),
  }));
  return { name: 'any number will do', instead: { runbook } };
}

export function allAtOnce(): Weakness {
  const runbook = withVerbs((run) => ({
    canary: async (targets, _stages, each) => {
      await run.all(targets.map((target) => () => each(target)));
    },
  }));
  return { name: 'there are no stages', instead: { runbook } };
}

export function oneLookIsEnough(): Weakness {
  const runbook = withVerbs((run) => ({
    canary: (targets, { healthy, ...stages }, each) => {
      return run.canary(targets, { ...stages, healthy: { ...healthy, steadyForMs: 0 } }, each);
    },
  }));
  return { name: 'a stage is well at its first look', instead: { runbook } };
}

export function nothingConfirmed(): Weakness {
  const runbook = withVerbs(() => ({ confirm: () => Promise.resolve() }));
  return { name: 'done is taken for well', instead: { runbook } };
}
