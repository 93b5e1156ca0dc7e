/** Somebody wrote a star into services.yaml and hoped that it means all; a star then comes in as an alert's service. */
import { implementFact } from '../../../activities/adapter.js';
import { findProcess, type ProcessRef } from '../../../workflows/actions/supervisor.js';
import { policyText } from '../../support/story/policy.js';
import { shopCartAndMail } from '../../support/story/services.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Weakness } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { adaptersWith } from '../weak/adapters.js';

/** An adapter to which the star is every process it has. */
function starMeansAll(): Weakness {
  const all = Object.values(shopCartAndMail).map(({ host, process }) => ({ host, process }));
  const one: ProcessRef = { host: 'local', process: 'shop' };
  const each = adaptersWith((adapter) => ({
    look: (_, context) => adapter.look(one as never, context),
    verify: (asked, context) => adapter.verify({ ...asked, input: one as never }, context),
    async apply(asked, context) {
      for (const ref of all) {
        const before = await adapter.look(ref as never, context);
        await adapter.apply({ ...asked, before, input: ref as never }, context);
      }
      return adapter.look(one as never, context);
    },
  }));
  const star = { host: 'local', process: '*', state: 'RUNNING', pid: 1, since: '' };
  const finding = implementFact(findProcess, () => Promise.resolve(star));
  return {
    name: 'the adapter takes a star for every process',
    instead: {
      adapters: (known) => [
        ...each(known).filter((one) => !('fact' in one) || one.fact.name !== findProcess.name),
        finding,
      ],
    },
  };
}

export default incident('wildcard-target', {
  incident: 'Cloudflare BYOIP, February 2026: about 1,100 prefixes withdrawn',
  mechanism: 'a wildcard is read as "all"',
  guard: 'a target is one name from the worker’s settings; no name stands for several',
  runbook: restartBlindly,
  policy: policyText({ restart: 5 }).replace('"ghost"', '"*"'),
  services: shopCartAndMail,
  script: (s) => void s.at(0).fires('ServiceDown', { service: '*' }),
  answer: { kind: 'outcome', says: /no process of \* is known/, reason: 'unobservable' },
  without: starMeansAll,
  harm: (left) => {
    const hit = ['shop', 'cart', 'mail'].filter((service) => restartsOf(left, service) > 0);
    return hit.length > 1 ? `restarted ${hit.join(', ')}, all of them healthy` : undefined;
  },
});
