/** The services of stories that need more than one; their worlds are made of these. */
import type { FakeService } from '../fake-world/fake-world.js';

function service(process: string): FakeService {
  return { host: 'local', process, settings: { retries: 5, timeoutMs: 800 } };
}

export const shopAndCart = { shop: service('shop'), cart: service('cart') };
export const shopCartAndMail = { ...shopAndCart, mail: service('mail') };
/** One that policy does not know, and one that is a part of Belay. */
export const strangers = { unheard: service('unheard'), 'belay-console': service('console') };
