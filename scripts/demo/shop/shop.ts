/**
 * The demo's service: serves customers by asking payments, with the retries of its configuration file, and makes its own
 * customers on loopback. It knows nothing of Belay; it can be killed, wedged and reloaded like any service.
 *
 *   shop --port 8080 --payments http://127.0.0.1:8081 --config shop.json [--host 127.0.0.1] [--customers 20]
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { parseArgs } from 'node:util';
import { loopback, numberIn, openDoor, optionIn, type Reply, type Route } from './door.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    host: { type: 'string', default: loopback },
    payments: { type: 'string' },
    config: { type: 'string' },
    customers: { type: 'string', default: '20' },
  },
});

const paymentsUrl = new URL('/pay', optionIn(values, 'payments'));
const configFile = optionIn(values, 'config');
const customersPerSecond = numberIn(values, 'customers');
const retriesMax = 10;
const answerWithinMs = 1000;
const agent = new Agent({ keepAlive: true, maxSockets: 32 });

const requests = { served: 0, failed: 0 };
let attempts = 0;
let wedged = false;
let retries = readRetries();

const routes: Record<string, Route> = {
  'GET /healthz': whileNotWedged(() => ({ status: 200, body: 'ok\n' })),
  'GET /metrics': whileNotWedged(() => ({ status: 200, body: metrics() })),
  'POST /buy': whileNotWedged(serve),
  'POST /-/reload': whileNotWedged(reload),
  'POST /wedge': () => {
    wedged = true;
    return { status: 200, body: 'wedged\n' };
  },
};
await openDoor(numberIn(values, 'port'), routes, optionIn(values, 'host'));
startCustomers();
process.on('SIGTERM', () => process.exit(0));

function whileNotWedged(route: Route): Route {
  return (body, query) => (wedged ? undefined : route(body, query));
}

/** Its file may hold comments on lines of their own, as people write them. */
function readRetries(): number {
  const text = readFileSync(configFile, 'utf8').replace(/^\s*\/\/.*$/gm, '');
  const read = (JSON.parse(text) as { retries?: unknown }).retries;
  if (typeof read === 'number' && read >= 0 && read <= retriesMax) return read;
  throw new Error(`"retries" in ${configFile} must be a number from 0 to ${retriesMax}`);
}

function reload(): Reply {
  retries = readRetries();
  return { status: 200, body: { retries } };
}

async function serve(): Promise<Reply> {
  for (let attempt = 0; attempt <= retries; attempt += 1) {
    attempts += 1;
    if (!(await paid())) continue;
    requests.served += 1;
    return { status: 200, body: 'thank you\n' };
  }
  requests.failed += 1;
  return { status: 502, body: 'payments do not answer\n' };
}

function paid(): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(paymentsUrl, { method: 'POST', agent, timeout: answerWithinMs });
    asked.once('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => {
      resolve(false);
    });
    asked.end();
  });
}

function metrics(): string {
  return [
    '# TYPE shop_requests_total counter',
    `shop_requests_total{code="200"} ${requests.served}`,
    `shop_requests_total{code="502"} ${requests.failed}`,
    '# TYPE shop_upstream_attempts_total counter',
    `shop_upstream_attempts_total ${attempts}`,
    '# TYPE shop_retries gauge',
    `shop_retries ${retries}`,
    '',
  ].join('\n');
}

/** A steady rate: those missed while this process was not given the processor come late, up to a second's worth. */
function startCustomers(): void {
  const startedMs = performance.now();
  let came = 0;
  setInterval(() => {
    if (wedged) return;
    const due = Math.floor(((performance.now() - startedMs) / 1000) * customersPerSecond);
    came = Math.max(came, due - customersPerSecond);
    for (; came < due; came += 1) void serve();
  }, 1000 / customersPerSecond);
}
