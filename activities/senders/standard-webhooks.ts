/**
 * Standard Webhooks' envelope, `{type, timestamp, data}`, around Belay's own alert. A delivery is named by the header
 * `webhook-id`, which the signature covers: that is the door's business. `timestamp` is when it was sent; it dates nothing.
 */
import { z } from 'zod';
import { bodyOf, instant } from './normal.js';
import { readOwn, statusOf, unknownType } from './own-alert.js';
import type { Parsed, Sender } from './sender.js';

const source = 'standard-webhooks';

const envelope = z.looseObject({
  type: z.string().min(1),
  timestamp: instant,
  data: z.looseObject({}),
});

/** Its types dev.belay.alert.firing and dev.belay.alert.resolved; every other type is kept unparsed. */
export const standardWebhooks: Sender = { source, parse };

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { type, data } = body.data;
  const status = statusOf(type);
  if (status === undefined) return { kind: 'unparsed', why: unknownType(type) };
  const read = readOwn(data, { source, status });
  if (read.alert !== undefined) return { kind: 'alerts', alerts: [read.alert], truncated: 0 };
  const problems = read.problems.map((one) => ({ ...one, path: `data.${one.path}` }));
  return { kind: 'wrong', problems };
}

function fixOf(path: string): string {
  if (path === 'timestamp') return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  return 'send the envelope of Standard Webhooks: {"type": …, "timestamp": …, "data": {…}}';
}
