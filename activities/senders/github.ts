/**
 * GitHub's webhooks `workflow_run` and `deployment_status`. What broke is the workflow on a branch, or the environment;
 * what ends it is a later run or deployment that went well, which knows nothing of the one that did not: an episode is
 * that name + the time it broke, and the resolution has its start unknown. The body says which of the two it is; the
 * header X-GitHub-Event is not signed, so it is asked only where the body does not tell. Forks have branches of the same
 * names, so the head's repository is part of the name.
 */
import { z } from 'zod';
import {
  alertOf,
  bodyOf,
  bounds,
  clean,
  endedAt,
  instant,
  quoted,
  shaped,
  word,
  type Told,
} from './normal.js';
import type { Headers, Parsed, Sender } from './sender.js';

const source = 'github';

const repository = z.looseObject({ full_name: z.string().min(1), name: word });

const workflowRun = z.looseObject({
  action: z.string(),
  repository,
  workflow_run: z.looseObject({
    id: z.number().int(),
    workflow_id: z.number().int(),
    name: word,
    path: word,
    /** Null for some runs of tags and forks. */
    head_branch: z.string().nullish(),
    head_sha: word,
    head_repository: z.looseObject({ full_name: word }).nullish(),
    event: word,
    /** Null until it is completed. */
    conclusion: z.string().nullish(),
    run_number: z.unknown(),
    run_attempt: z.unknown(),
    updated_at: instant,
    html_url: word,
  }),
});

const deploymentStatus = z.looseObject({
  action: z.string(),
  repository,
  deployment: z.looseObject({ ['task']: word, ref: word, sha: word, environment: word }),
  deployment_status: z.looseObject({
    id: z.number().int(),
    state: z.string(),
    environment: word,
    description: word,
    created_at: instant,
    log_url: word,
    target_url: word,
  }),
});

/** What an outcome's word means for the episode. A word that is not here is unparsed. */
type Meanings = Readonly<Record<string, 'broke' | 'went well' | 'neither'>>;

const conclusions: Meanings = {
  failure: 'broke',
  timed_out: 'broke',
  startup_failure: 'broke',
  success: 'went well',
  cancelled: 'neither',
  skipped: 'neither',
  neutral: 'neither',
  stale: 'neither',
  action_required: 'neither',
};

const states: Meanings = {
  failure: 'broke',
  error: 'broke',
  success: 'went well',
  inactive: 'neither',
  in_progress: 'neither',
  queued: 'neither',
  pending: 'neither',
  waiting: 'neither',
};

/** workflow_run and deployment_status; every other event is kept unparsed. */
export const github: Sender = { source, startsEachTime: true, parse };

function parse(raw: Buffer | string, headers: Headers = {}): Parsed {
  const body = bodyOf(raw, z.looseObject({}), fixOf);
  if (!body.ok) return body.wrong;
  const header = headers['x-github-event'];
  const kind = kindOf(body.data) ?? header;
  switch (kind) {
    case 'ping':
      return { kind: 'nothing', why: 'a ping: the webhook was set up' };
    case 'workflow_run':
      return ofWorkflow(body.data);
    case 'deployment_status':
      return ofDeployment(body.data);
    case 'another':
      return { kind: 'unparsed', why: anotherWhy(header) };
    case undefined:
      return { kind: 'wrong', problems: [unnamed] };
    default:
      return { kind: 'unparsed', why: anotherWhy(kind) };
  }
}

function anotherWhy(kind: string | undefined): string {
  if (kind === undefined) return 'neither a workflow_run nor a deployment_status';
  return `GitHub's ${quoted(kind)} is not known here`;
}

/** A deployment by a workflow bears its run as well, so it is asked for first. Undefined: not GitHub's at all. */
function kindOf(body: Readonly<Record<string, unknown>>): string | undefined {
  if ('deployment_status' in body) return 'deployment_status';
  if ('workflow_run' in body && 'workflow' in body) return 'workflow_run';
  if ('zen' in body && 'hook_id' in body) return 'ping';
  const isTheirs = 'sender' in body && ('repository' in body || 'organization' in body);
  return isTheirs ? 'another' : undefined;
}

const unnamed = {
  path: '',
  problem: "the body is none of GitHub's",
  fix: 'set the webhook to content type application/json and keep the header X-GitHub-Event',
};

function ofWorkflow(body: unknown): Parsed {
  const read = shaped(body, workflowRun, fixOf);
  if (!read.ok) return read.wrong;
  const { action, repository: home, workflow_run: run } = read.data;
  if (action !== 'completed') return unfinished(action, ['requested', 'in_progress']);
  const branch = run.head_branch ?? '';
  const from = run.head_repository?.full_name ?? '';
  return ofOutcome('workflow_run.conclusion', meaningOf(conclusions, run.conclusion ?? ''), {
    at: run.updated_at,
    id: JSON.stringify(['workflow_run', home.full_name, run.workflow_id, from, branch]),
    name: 'WorkflowRunFailed',
    service: home.name,
    environment: '',
    labels: {
      repository: home.full_name,
      workflow: run.name,
      workflow_path: run.path,
      branch,
      head_repository: from,
      trigger: run.event,
      conclusion: run.conclusion,
    },
    annotations: {
      run: run.id,
      number: run.run_number,
      attempt: run.run_attempt,
      sha: run.head_sha,
    },
    link: run.html_url,
  });
}

function ofDeployment(body: unknown): Parsed {
  const read = shaped(body, deploymentStatus, fixOf);
  if (!read.ok) return read.wrong;
  const { action, repository: home, deployment, deployment_status: status } = read.data;
  if (action !== 'created') return unfinished(action, []);
  const environment = status.environment === '' ? deployment.environment : status.environment;
  return ofOutcome('deployment_status.state', meaningOf(states, status.state), {
    at: status.created_at,
    id: JSON.stringify(['deployment', home.full_name, environment, deployment['task']]),
    name: 'DeploymentFailed',
    service: home.name,
    environment,
    labels: {
      repository: home.full_name,
      deployment_environment: environment,
      deployment_of: deployment['task'],
      ref: deployment.ref,
      state: status.state,
    },
    annotations: { description: status.description, sha: deployment.sha },
    link: status.log_url === '' ? status.target_url : status.log_url,
  });
}

function unfinished(action: string, known: readonly string[]): Parsed {
  if (known.includes(action)) return { kind: 'nothing', why: `the workflow run is ${action}` };
  return { kind: 'unparsed', why: `action ${quoted(action)} is not known here` };
}

interface Meaning {
  readonly word: string;
  readonly means: Meanings[string] | undefined;
}

function meaningOf(meanings: Meanings, text: string): Meaning {
  return { word: text, means: Object.hasOwn(meanings, text) ? meanings[text] : undefined };
}

type Broken = Omit<Told, 'source' | 'status' | 'severity' | 'startsAt' | 'endsAt'> & {
  /** When the run or the deployment came to its end. */
  readonly at: string;
};

function ofOutcome(place: string, { word: text, means }: Meaning, { at, ...told }: Broken): Parsed {
  if (means === undefined)
    return { kind: 'unparsed', why: `${place} ${quoted(text)} is not known here` };
  if (means === 'neither') return { kind: 'nothing', why: `${place} is ${text}` };
  const times =
    means === 'broke'
      ? ({ status: 'firing', startsAt: at, endsAt: '' } as const)
      : ({ status: 'resolved', ...endedAt(at) } as const);
  const link = clean(told.link.slice(0, bounds.labelLengthMax));
  const alert = alertOf({ ...told, ...times, link, source, severity: '' });
  return { kind: 'alerts', alerts: [alert], truncated: 0 };
}

function fixOf(path: string): string {
  if (path === '') return 'set the webhook to content type application/json';
  return "send GitHub's own webhook body unchanged";
}
