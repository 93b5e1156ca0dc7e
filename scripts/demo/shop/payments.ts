/**
 * The demo's upstream: answers payments up to its capacity, collapses above it, and fails on request. It knows nothing of
 * Belay and keeps nothing.
 *
 *   payments --port 8081 [--host 127.0.0.1] [--capacity 100]
 */
import { parseArgs } from 'node:util';
import { Congestion } from './congestion.js';
import { loopback, numberIn, openDoor, optionIn, type Route } from './door.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: loopback },
    capacity: { type: 'string', default: '100' },
  },
});

const congestion = new Congestion(numberIn(values, 'capacity'));
let failAll = false;

const routes: Record<string, Route> = {
  'GET /healthz': () => ({ status: 200, body: 'ok\n' }),
  'POST /pay': () => {
    const admitted = congestion.admits(performance.now());
    return admitted && !failAll
      ? { status: 200, body: { paid: true } }
      : { status: 503, body: { paid: false } };
  },
  'POST /fault': (body) => {
    failAll = (JSON.parse(body) as { failAll?: unknown }).failAll === true;
    return { status: 200, body: { failAll } };
  },
};
await openDoor(numberIn(values, 'port'), routes, optionIn(values, 'host'));
process.on('SIGTERM', () => process.exit(0));
