/** Asks the fleet and tells it what to change. Throws what the network throws; tries nothing twice. */
import { z } from 'zod';
import type { Wish } from './door.js';
import type { Fault, Mutation, Seen } from './fleet.js';

const seenShape: z.ZodType<Seen> = z.object({
  state: z.enum(['RUNNING', 'EXITED']),
  pid: z.number(),
  since: z.string(),
  retries: z.number(),
  revision: z.number(),
  sha256: z.string(),
  lastOperation: z.object({ restart: z.string(), retries: z.string() }),
  well: z.boolean(),
  errorRatio: z.number(),
});

const journalShape: z.ZodType<readonly Mutation[]> = z.array(
  z.object({
    operation: z.string(),
    target: z.string(),
    service: z.string(),
    verb: z.enum(['restart', 'retries']),
    atMs: z.number(),
    says: z.string(),
  }),
);

const timeoutMs = 10_000;

export class FleetClient {
  constructor(private readonly url: string) {}

  async see(service: string, signal?: AbortSignal): Promise<Seen> {
    return seenShape.parse(await this.ask(`/services/${service}`, { signal }));
  }

  async restart(service: string, operation: string, signal?: AbortSignal): Promise<Seen> {
    return this.change({ what: 'restart', service, operation }, signal);
  }

  async setRetries(
    service: string,
    { operation, value }: { readonly operation: string; readonly value: number },
    signal?: AbortSignal,
  ): Promise<Seen> {
    return this.change({ what: 'retries', service, operation, value }, signal);
  }

  async break(service: string, fault: Fault): Promise<Seen> {
    return this.change({ what: 'break', service, fault });
  }

  async journal(): Promise<readonly Mutation[]> {
    return journalShape.parse(await this.ask('/journal', {}));
  }

  private async change(wish: Wish, signal?: AbortSignal): Promise<Seen> {
    const body = JSON.stringify(wish);
    return seenShape.parse(await this.ask('/', { method: 'POST', body, signal }));
  }

  private async ask(
    path: string,
    request: { method?: string; body?: string; signal?: AbortSignal | undefined },
  ): Promise<unknown> {
    const { signal = AbortSignal.timeout(timeoutMs), ...rest } = request;
    const response = await fetch(`${this.url}${path}`, { ...rest, signal });
    if (!response.ok) throw new Error(`the fleet answered ${response.status} to ${path}`);
    return response.json();
  }
}
