/** Ports of this machine: free ones, given by the operating system and not held for anyone, and those that are taken. */
import { connect, createServer } from 'node:net';

const host = '127.0.0.1';
const handedOutMax = 1000;
const handedOut = new Set<number>();

/** A port that was free a moment ago and that this process did not hand out before. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = await askForPort();
    if (handedOut.has(port)) continue;
    if (handedOut.size >= handedOutMax) handedOut.clear();
    handedOut.add(port);
    return port;
  }
  throw new Error(`the operating system offered no new port on ${host} in 20 attempts`);
}

function askForPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** Whether something accepts connections there; asks once, for at most a second. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const answer = (is: 'open' | 'closed') => () => {
      socket.destroy();
      resolve(is === 'open');
    };
    socket.once('connect', answer('open'));
    socket.once('timeout', answer('closed'));
    socket.once('error', answer('closed'));
  });
}
