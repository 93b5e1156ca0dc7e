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
