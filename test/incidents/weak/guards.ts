/** A store whose guards hear something else than what was counted. For tests: no real store can be told to. */
import { judge } from '../../../activities/store/judgement.js';
import { known } from '../../../workflows/domain/verdict.js';
import type { GuardFacts } from '../../../workflows/gates/guard-facts.js';
import type { Weakness } from '../incident.js';

/** What was held in a storm is let in the moment it is over. */
export function stormEndsAtOnce(): Weakness {
  return hearing('a storm is over for everyone at once', ({ storms }) => ({
    storms: storms.known
      ? known(
          storms.value.map((storm) => ({
            ...storm,
            state: storm.state === 'ending' ? 'calm' : storm.state,
          })),
        )
      : storms,
  }));
}

/** An attempt of which nobody can tell what came of it counts as none. */
export function inconclusiveIsNothing(): Weakness {
  return hearing('what nobody can tell is no failure', ({ circuits }) => ({
    circuits: circuits.known
      ? known(
          circuits.value.map((circuit) => ({
            ...circuit,
            attempts: circuit.attempts.filter(({ came }) => came !== 'bad'),
          })),
        )
      : circuits,
  }));
}

function hearing(name: string, change: (guards: GuardFacts) => Partial<GuardFacts>): Weakness {
  return {
    name,
    instead: {
      judge: (input, { stored, policy }) => {
        const guards = { ...stored.guards, ...change(stored.guards) };
        return judge(input, { stored: { ...stored, guards }, policy });
      },
    },
  };
}
