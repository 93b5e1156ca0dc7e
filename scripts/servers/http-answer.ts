/** Whether an HTTP server on this machine answers; says nothing about what it answers beyond its status. */

/** True when the address answers below 500 within two seconds; throws when nothing listens there. */
export async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
  await response.body?.cancel();
  return response.status < 500;
}

/** True only for a 2xx within two seconds, for servers that say themselves when they are ready. */
export async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  return response.ok;
}
