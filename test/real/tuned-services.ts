/**
 * Services with a real settings file each, for runs that wait for people: a server that takes their reloads and answers, as
 * Prometheus would, that they are well. What is tested with them is who decides, not what heals.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { freePort } from '../../scripts/servers/port.js';

export interface TunedServices {
  /** For BELAY_TARGETS_FILE. */
  readonly targetsFile: string;
  /** The bytes of a service's settings file now. */
  textOf(service: string): string;
  /** What a person would read in it. */
  retriesOf(service: string): number;
  stop(): Promise<void>;
}

/** Every file's bytes in the beginning; the comment and the odd spaces must survive an undo. */
export const textBefore = '{\n  // set by hand\n  "retries":   5,\n  "timeoutMs": 800\n}\n';

export async function startTunedServices(
  folder: string,
  services: readonly string[],
): Promise<TunedServices> {
  mkdirSync(folder, { recursive: true });
  const fileOf = (service: string): string => join(folder, `${service}.json`);
  for (const service of services) writeFileSync(fileOf(service), textBefore);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = createServer(({ url: asked = '' }, response) => {
    const nowSeconds = Date.now() / 1000;
    const isDated = /query=timestamp/.test(asked); // when the sample was taken: just now
    const value = [nowSeconds, isDated ? String(nowSeconds) : '0'];
    const well = { status: 'success', data: { resultType: 'vector', result: [{ value }] } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(well));
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const setting = (service: string) => {
    return { file: fileOf(service), reloadUrl: `${url}/-/reload`, allowedKeys: ['retries'] };
  };
  const targets = {
    services: Object.fromEntries(services.map((name) => [name, { setting: setting(name) }])),
    monitors: { prometheusUrl: url },
  };
  const targetsFile = join(folder, 'targets.yaml');
  writeFileSync(targetsFile, JSON.stringify(targets, null, 2)); // JSON is YAML
  const textOf = (service: string): string => readFileSync(fileOf(service), 'utf8');
  return {
    targetsFile,
    textOf,
    retriesOf: (service) => Number(/"retries":\s*(\d+)/.exec(textOf(service))?.[1]),
    stop: () =>
      new Promise((stopped) => {
        server.closeAllConnections();
        server.close(() => {
          stopped();
        });
      }),
  };
}
