/** Would too much be touched at once, of the service, the zone or the fleet? What the run alone exceeds is refused, the rest waited for. */
import { seconds } from '../domain/time.js';
import { hold, pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';
import type { Radius } from './guard-facts.js';

const askAgainAfterMs = seconds(5);

export const blastRadius: Gate = {
  name: 'blast-radius',
  reason: 'blast-radius',
  judge({ guards }) {
    const { radii: fact } = guards;
    if (!fact.known) return unreadable('blast-radius', fact.why);
    const alone = fact.value.find(({ adds, max }) => adds > max);
    if (alone !== undefined) return refuse('blast-radius', saying(alone));
    const crowded = fact.value.find(({ adds, held, max }) => adds > 0 && held + adds > max);
    return crowded === undefined ? pass : hold('blast-radius', saying(crowded), askAgainAfterMs);
  },
};

function saying({ scope, unit, held, adds, max, says }: Radius): string {
  const others = held === 0 ? '' : `${held} held by others, `;
  return `${others}${adds} more ${unit} of ${scope} would exceed ${max} (${says})`;
}
