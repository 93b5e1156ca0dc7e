/** Effects that hear of the switch only when they begin, or take what they could not read of it for a yes. For tests only. */
import { noSwitch, type StopWatch } from '../../../activities/stop-watch.js';
import type { Weakness } from '../incident.js';

/** As it was before: the claim asks, and nobody asks again. */
export function stopNotHeardUnderWay(): Weakness {
  const instead = { watch: () => noSwitch };
  return { name: 'an effect under way does not hear of a stop', instead };
}

/** "Cannot read the switch: carry on." */
export function unreadSwitchIsOn(): Weakness {
  const watch = (kept: StopWatch): StopWatch => ({
    ...kept,
    wordOn(scopes) {
      const word = kept.wordOn(scopes);
      return word?.isRead === false ? undefined : word;
    },
  });
  return { name: 'a switch that cannot be read is taken for on', instead: { watch } };
}
