/**
 * The demo's upstream: answers payments up to its capacity, collapses above it, and fails on request. It knows nothing of
 * Belay and keeps nothing.
 *
 *   payments --port 8081 [--capacity 100]
 */
import { parseArgs } from 'node:util';
import { Congestion } from './congestion.js';
import { numberIn, openDoor } from './door.js';

const { values } = parseArgs({
  options: { port: { type: 'string' }, capacity: { type: 'string', default: '100' } },
});

const congestion = new Congestion(numberIn(values, 'capacity'));
let failAll = false;

await openDoor(numberIn(values, 'port'), {
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
});
process.on('SIGTERM', () => process.exit(0));
