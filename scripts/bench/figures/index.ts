/** Every family of figures, in the order in which they are measured. */
import type { Figure } from '../rig/figure.js';
import type { Ground } from '../rig/ground.js';
import type { Size } from '../rig/size.js';
import { measureAlert } from './alert.js';
import { measureApproval } from './approval.js';
import { measureAudit } from './audit.js';
import { measureBurst } from './burst.js';
import { measureFloor } from './floor.js';
import { measureIdle } from './idle.js';
import { measureIntake } from './intake.js';
import { measureLedger } from './ledger.js';
import { measurePeers } from './peers.js';
import { measurePolicy } from './policy.js';
import { measureRunbooks } from './runbooks.js';
import { measureSwitch } from './switch.js';
import { measureTax } from './tax.js';
import { measureWaiting } from './waiting.js';
import { measureWorkers } from './workers.js';

export interface Family {
  readonly name: string;
  readonly says: string;
  /** It downloads other people's programs, so nobody gets it unasked. */
  readonly onlyWhenNamed?: true;
  measure(ground: Ground, size: Size): Promise<Figure[]>;
}

export const families: readonly Family[] = [
  { name: 'floor', says: 'what Temporal costs, tuned and as it comes', measure: measureFloor },
  { name: 'alert', says: 'from a webhook to the effect, beside the floor', measure: measureAlert },
  { name: 'approval', says: 'from a signal to the effect', measure: measureApproval },
  { name: 'burst', says: 'whole runs a second in a storm', measure: measureBurst },
  { name: 'tax', says: 'the engine beside the same repair by hand', measure: measureTax },
  { name: 'waiting', says: 'runs that wait: memory, and waking one', measure: measureWaiting },
  { name: 'ledger', says: 'writing and reading as the ledger grows', measure: measureLedger },
  { name: 'audit', says: 'sealing beside writing, and proving the ledger', measure: measureAudit },
  {
    name: 'runbooks',
    says: 'bundle and start as runbooks grow in number',
    measure: measureRunbooks,
  },
  { name: 'policy', says: 'one decision of policy, and the proofs', measure: measurePolicy },
  { name: 'workers', says: 'whole runs a second of several workers', measure: measureWorkers },
  { name: 'intake', says: 'requests a second, and a storm of alerts', measure: measureIntake },
  { name: 'switch', says: 'from a stop to the last effect', measure: measureSwitch },
  { name: 'idle', says: 'memory of belay up when nothing happens', measure: measureIdle },
  {
    name: 'peers',
    says: 'from a webhook to an HTTP call, beside other tools',
    onlyWhenNamed: true,
    measure: measurePeers,
  },
];
