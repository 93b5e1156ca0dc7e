/** Wraps the calls of the simulator by name; what the wrapping does is said by who asks for it. */
import type { CallFunction } from '../../../activities/effects.js';
import type { Calls } from '../../support/simulator/instead.js';
import type { VirtualTime } from '../../support/simulator/virtual-time.js';

export function wrapping(
  fits: (name: string) => boolean,
  wrap: (call: CallFunction, time: VirtualTime) => CallFunction,
): (calls: Calls, time: VirtualTime) => Calls {
  return (calls, time) => {
    const wrapped = [...calls].map(([name, call]) => {
      return [name, fits(name) ? wrap(call, time) : call] as const;
    });
    return new Map(wrapped);
  };
}

/** True for the part of any action: `.apply`, `.verify`, `.look`. */
export function partOfAnAction(part: string): (name: string) => boolean {
  return (name) => name.endsWith(`.${part}`);
}
