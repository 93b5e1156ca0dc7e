/** The health check of the container images: exits with 0 when the address answers well in time, else with 1. Says nothing. */
import process from 'node:process';

const answerWithinMs = 3_000;
const [url = 'http://127.0.0.1:4480/readyz'] = process.argv.slice(2);

const isWell = await fetch(url, { signal: AbortSignal.timeout(answerWithinMs) }).then(
  ({ ok }) => ok,
  () => false,
);
process.exit(isWell ? 0 : 1);
