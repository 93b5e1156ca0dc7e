/** What a PostgreSQL error says about whose fault it was; decides nothing itself. */

/** Classes of SQLSTATE in which the data is at fault: 22 data exception, 23 constraint, 54 too large. */
const itemClasses = ['22', '23', '54'];

/** The five characters of an error's SQLSTATE, or undefined when it did not come from the database. */
export function sqlStateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** True when one item's content was refused, and another's need not be. An error of our own making counts as one. */
export function isItemFault(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  return itemClasses.includes(sqlStateOf(error)?.slice(0, 2) ?? '');
}

/**
 * Classes that pass by themselves: 08 connection, 40 deadlock, 53 out of resources, 55 lock not available,
 * 57 shutdown or time-out, 58 system error.
 */
const passingClasses = ['08', '40', '53', '55', '57', '58'];

/** True when asking again may well succeed: the connection, the load or the server's state was in the way. */
export function isPassing(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === undefined || passingClasses.includes(state.slice(0, 2));
}
