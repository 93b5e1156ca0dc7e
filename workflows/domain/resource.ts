/** What an action would create or change, as far as policy has lists for it; plain data, decides nothing. */

/** What a field leaves out is not asked about; what it names must be on its list. */
export interface ChangedResource {
  readonly image?: string;
  readonly version?: string;
  readonly template?: string;
  readonly ports?: readonly number[];
  /** Hosts, or `host:port`, that it would send to. */
  readonly destinations?: readonly string[];
}

/**
 * What an action creates or changes, from its input alone. `none` is a promise: it creates nothing, and what it touches is made of
 * the same and talks to the same as before. There is no default, so that nobody forgets to say it.
 */
export type ResourceOf<Input> = ((input: Input) => ChangedResource) | 'none';
