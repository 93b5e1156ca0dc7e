/** docker-compose.yml as the tests read it: only the parts in use are known, whatever else stands in it is an error. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { pathOf } from '../support/story/bundles.js';

const name = z.string().regex(/^[a-z][a-z0-9.-]*$/);
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const size = z.string().regex(/^\d+[kmg]$/);
const file = z.strictObject({ file: z.string().startsWith('./deploy/') });

const volume = z.union([
  z.string().regex(/^[a-z-]+:\/[^:]+$/),
  z.strictObject({
    type: z.enum(['bind', 'volume']),
    source: z.string(),
    target: z.string().startsWith('/'),
    read_only: z.boolean().optional(),
    volume: z.strictObject({ nocopy: z.boolean() }).optional(),
  }),
]);

const condition = z.enum(['service_healthy', 'service_completed_successfully']);

const service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: name }).optional(),
  profiles: z.array(name).optional(),
  user: z.string().optional(),
  init: z.boolean(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  pids_limit: z.number().int().positive(),
  mem_limit: size,
  shm_size: size.optional(),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  restart: z.enum(['no', 'unless-stopped']).optional(),
  stop_grace_period: duration.optional(),
  networks: z.array(name),
  ports: z.array(z.string()).default([]),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()).default({}),
  secrets: z.array(name).default([]),
  configs: z
    .array(z.strictObject({ source: name, target: z.string().startsWith('/') }))
    .default([]),
  volumes: z.array(volume).default([]),
  tmpfs: z.array(z.string().startsWith('/')).default([]),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: duration,
      timeout: duration,
      retries: z.number().int().positive(),
      start_period: duration,
    })
    .optional(),
  depends_on: z.record(name, z.strictObject({ condition })).default({}),
});
export type Service = z.infer<typeof service>;

/** A key that begins with x- is a fragment for reuse: it was merged into the services by the YAML parser. */
const compose = z
  .record(z.string(), z.unknown())
  .transform((whole) => Object.entries(whole).filter(([key]) => !key.startsWith('x-')))
  .transform((entries) => Object.fromEntries(entries))
  .pipe(
    z.strictObject({
      name,
      services: z.record(name, service),
      networks: z.record(name, z.strictObject({ internal: z.boolean().optional() })),
      volumes: z.record(name, z.strictObject({})),
      configs: z.record(name, file),
      secrets: z.record(name, file),
    }),
  );
export type Compose = z.infer<typeof compose>;

/** Throws, naming the place, when it is not of the known shape. */
export function parseCompose(text: string): Compose {
  const parsed = compose.safeParse(parse(text, { merge: true }));
  if (parsed.success) return parsed.data;
  throw new Error(z.prettifyError(parsed.error));
}

export function readCompose(): Compose {
  return parseCompose(readFileSync(pathOf('docker-compose.yml'), 'utf8'));
}

/** What a service mounts: the name of the volume or the path on the host, and where. */
export function mountsOf({ volumes }: Service): { source: string; target: string }[] {
  return volumes.map((mount) => {
    if (typeof mount !== 'string') return { source: mount.source, target: mount.target };
    const [source = '', target = ''] = mount.split(':');
    return { source, target };
  });
}
