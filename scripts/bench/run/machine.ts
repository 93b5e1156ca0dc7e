/** What the numbers were measured on, in one line; without it they mean nothing. */
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { z } from 'zod';
import { projectFolder } from '../../engine/project-folder.js';
import type { Ground } from '../rig/ground.js';

export async function machineLine(ground: Ground): Promise<string> {
  const { client } = await ground.bare();
  const info = await client.workflowService.getSystemInfo({});
  const { rows } = await sql<{ server_version: string }>`SHOW server_version`.execute(
    await ground.db(),
  );
  const [cpu] = cpus();
  return [
    `${cpus().length} x ${cpu?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${process.arch}`,
    `Node ${process.versions.node}`,
    `Temporal server ${info.serverVersion ?? 'unknown'}`,
    `Temporal SDK ${sdkVersion()}`,
    `PostgreSQL ${rows[0]?.server_version.split(' ')[0] ?? 'unknown'}`,
  ].join(' · ');
}

function sdkVersion(): string {
  const file = readFileSync(join(projectFolder(), 'package.json'), 'utf8');
  const shape = z.object({ dependencies: z.record(z.string(), z.string()) });
  return shape.parse(JSON.parse(file)).dependencies['@temporalio/worker'] ?? 'unknown';
}
