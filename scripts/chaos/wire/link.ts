/** One wire between a process and a server, as a TCP proxy on the loopback that can be cut, held or slowed. Reads no byte. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** `cut`: connections break and none is made. `held`: nothing passes, as when packets are lost; later all of it does. */
export type Weather = 'clear' | 'cut' | 'held' | { readonly delayMs: number };

const host = '127.0.0.1';
const lookEveryMs = 20;
/** Chunks on their way in one direction; a connection with more is broken off. */
const waitingMax = 2_000;

export class Link {
  private weather: Weather = 'clear';
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (near) => this.join(near));
  }

  /** Resolves once it listens, on a free port, for one server's port. */
  static async to(targetPort: number): Promise<Link> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, host, resolve);
    });
    return new Link(server, targetPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  become(weather: Weather): void {
    this.weather = weather;
    if (weather === 'cut') this.breakAll();
  }

  async close(): Promise<void> {
    this.become('cut');
    await new Promise((resolve) => this.server.close(resolve));
  }

  private breakAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private join(near: Socket): void {
    if (this.weather === 'cut') {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host, port: this.targetPort });
    const pair = [near, far];
    for (const socket of pair) {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      socket.once('close', () => {
        this.sockets.delete(socket);
        for (const each of pair) each.destroy();
      });
      socket.on('error', () => undefined); // its close follows, and takes the other end with it
    }
    this.carry(near, far);
    this.carry(far, near);
  }

  private carry(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    let waiting = 0;
    from.on('data', (chunk) => {
      waiting += 1;
      if (waiting > waitingMax) from.destroy();
      last = last.then(async () => {
        await this.passage(from);
        waiting -= 1;
        if (!to.destroyed) to.write(chunk);
      });
    });
    from.once('end', () => void last.then(() => to.end()));
  }

  private async passage(from: Socket): Promise<void> {
    if (typeof this.weather === 'object') await sleep(this.weather.delayMs);
    while (this.weather === 'held' && !from.destroyed) await sleep(lookEveryMs);
  }
}
