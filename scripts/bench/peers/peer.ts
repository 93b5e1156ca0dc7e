/** What a peer of Belay is to the bench: somebody else's program that takes an alert over HTTP and does one HTTP call. */
import type { Child } from '../../servers/child.js';

export interface PeerSite {
  /** Of this run's own: configuration, data and logs go there. */
  readonly folder: string;
  /** What `install` made, in the user's cache. */
  readonly installed: string;
  readonly port: number;
  /** The effect is a POST to `<sinkUrl>/effect/<fingerprint of the alert>`. */
  readonly sinkUrl: string;
  /** A new, empty database on the PostgreSQL that Belay uses too; carries the password. */
  database(): Promise<URL>;
}

export interface RunningPeer {
  readonly child: Child;
  /** Alerts are posted there as Alertmanager posts them. */
  readonly url: string;
}

export interface Peer {
  /** As in figures: `peer-<name>-p50-at-5`. */
  readonly name: string;
  /** Exactly this one: numbers of two versions are not comparable. */
  readonly version: string;
  /** What is left of an accepted alert, and what happens again, when the peer dies the instant after; in words. */
  readonly durability: string;
  /** Fills the folder. Throws a sentence when it cannot be had on this machine. */
  install(folder: string): Promise<void>;
  /** Resolves once alerts are taken. Throws with the end of its log when it does not get there. */
  start(site: PeerSite): Promise<RunningPeer>;
}
