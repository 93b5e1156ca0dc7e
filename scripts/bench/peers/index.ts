/** Every peer, in the order in which they are measured. */
import { ansibleRulebook } from './ansible-rulebook.js';
import { n8n } from './n8n.js';
import { nodeRed } from './node-red.js';
import type { Peer } from './peer.js';
import { webhook } from './webhook.js';

export const peers: readonly Peer[] = [nodeRed, webhook, n8n, ansibleRulebook];
