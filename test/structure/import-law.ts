/** Who may import whom, and why not: the first row whose folder fits a file rules it. Data only. */

export interface Law {
  /** The files it rules. */
  readonly from: RegExp;
  /** Everything they may import; paths from the project's root, or package names. */
  readonly may: readonly RegExp[];
  readonly why: string;
  /** What `from` matched, as a prefix: a family may import from its own folder. */
  readonly own?: true;
}

const domain = /^workflows\/domain\//;
const actions = /^workflows\/actions\//;
/** Files of the replayed half that know Temporal; nobody in that half imports them but each other. */
const temporalFiles =
  'workflows/(bind|effect-mark|index|interceptors|runtime-temporal|search-attributes)\\.ts';
/** The story of a run and what it stands on: everything right under workflows/ but those. */
const story = new RegExp(`^(?!${temporalFiles}$)workflows/[^/]+\\.ts$`);
/** Node's own modules and vendors' packages. */
const notOurs = /^(?!(workflows|activities|workers|runbooks|scripts|test|@temporalio)\/)/;

export const laws: readonly Law[] = [
  {
    from: domain,
    may: [domain, /^@noble\/hashes\//, /^canonicalize$/],
    why: 'the domain is pure and knows only itself',
  },
  {
    from: /^workflows\/gates\/index\.ts$/,
    may: [domain, /^workflows\/gates\//, /^workflows\/store\.ts$/],
    why: 'the list of gates knows the gates and nothing else',
  },
  {
    from: /^workflows\/gates\//,
    may: [domain, /^workflows\/gates\/(gate|guard-facts)\.ts$/],
    why: 'a gate is pure: facts in, verdict out; gates do not know each other',
  },
  {
    from: actions,
    may: [domain, /^workflows\/actions\/action\.ts$/],
    why: 'actions are declarations: they know no adapter and no system',
  },
  {
    from: /^workflows\/stages\//,
    may: [domain, actions, /^workflows\/gates\//, story],
    why: 'stages do not know each other, nor Temporal: they speak to the Runtime',
  },
  {
    from: /^workflows\/index\.ts$/,
    may: [/^workflows\/bind\.ts$/, /^runbooks\//],
    why: 'the entry names workflows and nothing else',
  },
  {
    from: new RegExp(`^${temporalFiles}$`),
    may: [/^workflows\//, /^@temporalio\/(workflow|common)$/],
    why: 'the binding to Temporal knows nothing of the other half',
  },
  {
    from: /^workflows\/converter\.cjs$/,
    may: [/^@temporalio\/common$/],
    why: 'clients and workers load the converter by itself',
  },
  {
    from: /^workflows\//,
    may: [domain, actions, story, /^workflows\/(gates|stages)\//],
    why: 'the story of a run knows neither Temporal nor the other half',
  },
  {
    from: /^runbooks\/index\.ts$/,
    may: [/^workflows\/runbook\.ts$/, /^runbooks\/[^/]+\/index\.ts$/],
    why: 'the catalogue lists runbooks',
  },
  {
    from: /^runbooks\//,
    may: [/^workflows\/runbook\.ts$/, actions, domain, /^runbooks\/[^/]+\/index\.ts$/],
    why: "a runbook knows the author's API, actions and the domain",
  },
  {
    from: /^activities\/[^/]+\.ts$/,
    may: [
      /^activities\/[^/]+\.ts$/,
      domain,
      actions,
      /^workflows\/store\.ts$/,
      /^@temporalio\/(activity|common|worker)$/,
    ],
    why: 'what all adapters share knows no adapter',
  },
  {
    from: /^activities\/store\//,
    may: [
      /^activities\/(store|policy|guards)\//,
      domain,
      /^workflows\/(gates\/.*|store\.ts|runtime\.ts)$/,
      notOurs,
    ],
    why: 'the store knows policy and gates, and no adapter',
  },
  {
    from: /^activities\/guards\//,
    may: [
      /^activities\/guards\//,
      /^activities\/policy\/(closed-yaml|duration)\.ts$/,
      domain,
      /^workflows\/(gates\/guard-facts|store)\.ts$/,
      notOurs,
    ],
    why: 'guards know their own files and what a gate asks of them, and no adapter',
  },
  {
    from: /^activities\/policy\//,
    may: [/^activities\/policy\//, domain, /^workflows\/(gates\/gate|store)\.ts$/, notOurs],
    why: 'policy knows what a gate asks of it, and no adapter',
  },
  {
    from: /^activities\/audit\//,
    may: [/^activities\/(audit|store)\//, domain, notOurs, /^@temporalio\/(client|common)/],
    why: 'what proves the ledger knows the ledger and the histories it digests, and no adapter',
  },
  {
    from: /^activities\/[^/]+\//,
    own: true,
    may: [/^activities\/[^/]+\.ts$/, domain, actions, notOurs],
    why: 'an adapter knows its system, the domain and its declaration, and no other adapter',
  },
  {
    from: /^workers\//,
    may: [/^(activities|workers|runbooks)\//, domain, story, /^@temporalio\//, notOurs],
    why: 'workers join the halves; workflow code reaches them as a bundle, by path',
  },
  {
    from: /^scripts\/(bench|chaos)/,
    may: [/^(activities|workers|runbooks|scripts|workflows)\//, /^@temporalio\//, notOurs],
    why: 'bench and chaos stand around the product: they are part of none and import no test',
  },
  {
    from: /^scripts\//,
    may: [
      /^(scripts|runbooks)\//,
      /^activities\/(store|audit|guards|senders|policy|sshsig)\//,
      domain,
      story,
      /^@temporalio\/(client|common|testing|worker)$/,
      notOurs,
    ],
    why: 'scripts use the domain and the store; they reach the world through runs only',
  },
];
