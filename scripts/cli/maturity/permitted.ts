/** What the policy file permits a class of action on each service at most; trust may only lower it. Reads the table, no file. */
import type { PolicyTable } from '../../../activities/policy/table.js';
import { lowestLevel, type Level } from '../../../workflows/domain/level.js';
import type { RecordKey } from '../../../activities/store/trust/ceiling.js';

export interface Permitted extends RecordKey {
  readonly service: string;
  readonly level: Level;
}

/** By class, then by service; what is not granted is left out. */
export function permittedIn({ levels, services }: PolicyTable): Permitted[] {
  return Object.entries(levels).flatMap(([actionClass, byTier]) =>
    Object.entries(services).flatMap(([service, { tier, environment, level, levels: own }]) => {
      const said = [byTier[tier], level, own?.[actionClass]].flatMap((one) => one ?? []);
      const permitted = byTier[tier] === undefined ? undefined : lowestLevel(said);
      if (permitted === undefined) return [];
      return [{ actionClass, tier, environment, service, level: permitted }];
    }),
  );
}
