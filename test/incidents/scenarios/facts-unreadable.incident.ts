/** One table cannot be read: the very one in which the no stands. */
import { policyText } from '../../support/story/policy.js';
import type { StoredFact } from '../../support/fake-store.js';
import type { Script } from '../../support/story/script.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Harm, type Incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { unreadIsNone } from '../weak/gates.js';

const target = 'process:local/shop';

interface No {
  readonly fact: StoredFact;
  readonly stands: string;
  readonly said: (s: Script) => void;
  readonly gate: RegExp;
}

const noes: readonly No[] = [
  {
    fact: 'stops',
    stands: 'ana had stopped the service',
    said: (s) => s.at(0).stops('service:shop', 'ana', 'a migration is under way'),
    gate: /stopped: refuse, .* the table is locked/,
  },
  {
    fact: 'quarantined',
    stands: 'its target was quarantined',
    said: (s) => {
      const mark = { target, run: 'other.fp.1', why: 'its undo failed' };
      s.at(0).store(({ quarantine }) => {
        (quarantine as Map<string, typeof mark>).set(target, mark);
      });
    },
    gate: /quarantined: refuse, .* the table is locked/,
  },
  {
    fact: 'leases',
    stands: 'another run held its target',
    said: (s) => {
      const held = { target, holder: 'other.fp.1' };
      s.at(0).store(({ leases }) => {
        (leases as Map<string, typeof held>).set(target, held);
      });
    },
    gate: /lease: refuse, .* the table is locked/,
  },
  {
    fact: 'policy',
    stands: 'policy grants no more than advice',
    said: () => undefined,
    gate: /self: refuse, .* the table is locked/,
  },
];

function whenUnreadable({ fact, stands, said, gate }: No): Incident {
  const harm: Harm = (left) => {
    const restarted = restartsOf(left, 'shop') > 0;
    return restarted ? `restarted shop on local; ${stands}` : undefined;
  };
  return incident(`unreadable-${fact}`, {
    incident: 'Kubernaut: "history unreadable: do not block"; OneUptime: no lock, no check',
    mechanism: `${fact} cannot be read when it matters`,
    guard: 'unknown is no: a gate that cannot get its facts refuses',
    runbook: restartBlindly,
    policy: policyText({ restart: fact === 'policy' ? 1 : 5 }),
    given: (world) => world.dies('shop'),
    script: (s) => {
      said(s);
      s.at('10s').storeUnreadable(fact, 'the table is locked');
      s.at('1m').fires('ServiceDown');
    },
    answer: { kind: 'decision', says: gate, reason: 'unreadable' },
    without: unreadIsNone,
    harm,
  });
}

export default noes.map(whenUnreadable);
