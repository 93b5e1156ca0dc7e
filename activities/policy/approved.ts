/**
 * Which images, versions, templates, ports and destinations a new or changed resource may have: policies/approved.yaml.
 * What is not on a list is not approved; a resource that declares nothing of a kind is not asked for it.
 */
import { z } from 'zod';
import type { ChangedResource } from '../../workflows/domain/resource.js';
import { matches } from '../../workflows/domain/pattern.js';
import { readYaml } from './parse.js';

const pattern = z.string().min(1).max(300);
const patterns = z.array(pattern).max(1000).default([]);
const portsMax = 65_535;
const portPattern = /^(\d{1,5})(?:-(\d{1,5}))?$/;
const ports = z.union([
  z.int().min(1).max(portsMax),
  z.string().regex(portPattern, { error: 'a port is a number, or a range such as 8000-8099' }),
]);

const exception = z.strictObject({
  runbook: z.string().min(1).max(100),
  class: z.string().min(1).max(100),
  /** Who answers for it, and why. */
  by: z.string().min(1).max(100),
  why: z.string().min(1).max(500),
  /** The last day it holds; without it, until somebody takes it out. */
  until: z.iso.date({ error: 'until is a day such as 2027-01-31' }).optional(),
});

const approvedSchema = z.strictObject({
  version: z.literal(1),
  /** `*` stands for any text. An image without a tag or digest is never approved. */
  images: patterns,
  versions: patterns,
  templates: patterns,
  ports: z.array(ports).max(1000).default([]),
  /** Hosts, or hosts with a port, that a resource may send to. */
  destinations: patterns,
  /** Runbooks that may do alone what cannot be taken back. */
  exceptions: z.array(exception).max(100).default([]),
});

export type Approved = z.output<typeof approvedSchema>;

/** Nothing is approved where there is no file. */
export const nothingApproved: Approved = {
  version: 1,
  images: [],
  versions: [],
  templates: [],
  ports: [],
  destinations: [],
  exceptions: [],
};

/** Throws a PolicyError with file, line and column. */
export function parseApproved(text: string, name: string): Approved {
  return readYaml({ name, text }, approvedSchema);
}

/** Why the resource is not approved, or null when every part of it is on its list. */
export function unapprovedIn(approved: Approved, resource: ChangedResource): string | null {
  const { image, version, template, ports: wanted = [], destinations = [] } = resource;
  if (image !== undefined && !isPinned(image)) {
    return `image ${image} names no version; pin it by tag or digest`;
  }
  const asked: [string, string | undefined, readonly string[]][] = [
    ['image', image, approved.images],
    ['version', version, approved.versions],
    ['template', template, approved.templates],
    ...destinations.map((to): [string, string, readonly string[]] => [
      'destination',
      to,
      approved.destinations,
    ]),
  ];
  for (const [what, value, list] of asked) {
    if (value !== undefined && !list.some((one) => matches(one, value))) {
      return `${what} ${value} is not on the list in approved.yaml`;
    }
  }
  const port = wanted.find((one) => !approved.ports.some((range) => within(range, one)));
  return port === undefined ? null : `port ${port} is not on the list in approved.yaml`;
}

/** `latest` is whatever somebody pushed last. */
function isPinned(image: string): boolean {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return /[:@]/.test(name) && !name.endsWith(':latest');
}

function within(range: number | string, port: number): boolean {
  if (typeof range === 'number') return range === port;
  const [, from = '', to = from] = portPattern.exec(range) ?? [];
  return port >= Number(from) && port <= Number(to);
}

/** Whether this runbook may do alone, today, what cannot be taken back. What ends on a day does not hold without a clock. */
export function isExcepted(
  { exceptions }: Approved,
  step: { readonly runbook: string; readonly actionClass: string; readonly nowMs?: number },
): boolean {
  const { runbook, actionClass, nowMs } = step;
  const today = nowMs === undefined ? 'no day' : new Date(nowMs).toISOString().slice(0, 10);
  return exceptions.some(
    (one) =>
      one.runbook === runbook &&
      one.class === actionClass &&
      (one.until === undefined || today <= one.until),
  );
}
