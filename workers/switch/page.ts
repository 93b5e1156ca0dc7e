/** The page of the switch as HTML text: every value in it is escaped. Reads nothing and turns nothing. */
import { hash } from 'node:crypto';
import type { FileOrders } from '../../activities/store/stop-file.js';
import { everything } from '../../activities/store/scope.js';
import type { ResumeRequestRow, SwitchRow } from '../../activities/store/schema.js';
import { durationText, instantText } from '../../workflows/domain/time.js';
import type { Known } from '../../workflows/domain/verdict.js';

export interface Shown {
  /** Who looks. */
  readonly by: string;
  readonly nowMs: number;
  readonly switches: Known<{
    readonly stopped: readonly SwitchRow[];
    readonly asked: readonly ResumeRequestRow[];
  }>;
  /** What a file on this worker's machine stops. */
  readonly file: Known<FileOrders>;
  /** Why what was asked for was not done. */
  readonly problem?: string;
}

const style = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:52rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.25rem}h2{font-size:1rem;margin-top:2rem}
.state{padding:.75rem 1rem;border-left:.5rem solid #2a7d3f;font-size:1.15rem}
.stopped{border-color:#b3261e}.problem{border-left:.5rem solid #b3261e;padding:.5rem 1rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .5rem;border-top:1px solid #8886;vertical-align:top}
form{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}
label{display:grid;flex:1 1 12rem}
input,button{font:inherit;padding:.4rem .6rem}button{cursor:pointer}.stop{background:#b3261e;color:#fff;border:0}
code{font-family:ui-monospace,monospace}small{opacity:.8}`;

/** The one style that the page's policy lets through. */
export const styleHash = `sha256-${hash('sha256', style, 'base64')}`;

export function pageOf(shown: Shown): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(titleOf(shown))}</title><style>${style}</style></head><body>
<h1>Belay: the switch</h1>
${problemOf(shown)}${stateOf(shown)}${listOf(shown)}${fileOf(shown)}
<h2>Stop</h2>
${formOf('stop', `${scopeField}${whyField}<button class="stop">Stop</button>`)}
<p><small>From the moment it is stopped no effect begins in the scope; what was begun is ended or taken back. A scope is
<code>everything</code>, <code>service:shop</code>, <code>class:restart</code>, <code>environment:prod</code>
or <code>runbook:restart-service</code>.</small></p>
<p><small>You are ${escape(shown.by)}.
The same from a terminal: <code>belay stop</code>, <code>belay resume</code>, <code>belay status</code>.
Read at ${escape(instantText(shown.nowMs))}; reload to look again.</small></p>
</body></html>
`;
}

const scopeField = `<label>Scope<input name="scope" value="${everything}" required maxlength="200"></label>`;
const whyField = '<label>Why<input name="why" required maxlength="500" autocomplete="off"></label>';

function formOf(turn: 'stop' | 'resume', fields: string): string {
  return `<form method="post" action="/switch/${turn}">${fields}</form>`;
}

/** What cannot be read stops everything. */
function stoppedBy({ switches, file }: Shown): readonly string[] {
  const byPeople = switches.known ? switches.value.stopped : [{ scope: everything }];
  const byFile = file.known ? file.value : [{ scope: everything }];
  return [...new Set([...byPeople, ...byFile].map(({ scope }) => scope))];
}

function titleOf(shown: Shown): string {
  return stoppedBy(shown).length > 0 ? 'Stopped – Belay' : 'Running – Belay';
}

function stateOf(shown: Shown): string {
  const scopes = stoppedBy(shown);
  if (scopes.length === 0) return '<p class="state">Nothing is stopped.</p>';
  const { switches } = shown;
  const text = switches.known
    ? `<strong>Stopped:</strong> ${scopes.map((scope) => escape(scope)).join(', ')}`
    : escape(switches.why);
  return `<p class="state stopped" role="status">${text}</p>`;
}

function problemOf({ problem }: Shown): string {
  return problem === undefined ? '' : `<p class="problem" role="alert">${escape(problem)}</p>`;
}

function listOf({ switches, nowMs }: Shown): string {
  if (!switches.known || switches.value.stopped.length === 0) return '';
  const { stopped, asked } = switches.value;
  const rows = stopped.map((row) => rowOf(row, asked, nowMs)).join('\n');
  const head = '<tr><th>Scope</th><th>Stopped</th><th>Resume</th></tr>';
  return `<h2>Stopped</h2><table>${head}\n${rows}</table>`;
}

function rowOf(row: SwitchRow, asked: readonly ResumeRequestRow[], nowMs: number): string {
  const { scope, by, why, at } = row;
  const requests = asked.filter((request) => request.scope === scope);
  const who = requests.map((request) => `${escape(request.person)} (${escape(request.why)})`);
  const waits =
    who.length === 0 ? '' : `<p>Asked to resume: ${who.join(', ')}; others must too.</p>`;
  const field = `<input type="hidden" name="scope" value="${escape(scope)}">`;
  const sinceText = durationText(Math.max(0, nowMs - at.getTime()));
  return `<tr><td><code>${escape(scope)}</code></td><td>by ${escape(by)}, ${escape(sinceText)} ago<br>${escape(why)}</td>
<td>${waits}${formOf('resume', `${field}${whyField}<button>Resume</button>`)}</td></tr>`;
}

function fileOf({ file }: Shown): string {
  if (!file.known) return `<h2>By a file</h2><p>${escape(file.why)}</p>`;
  if (file.value.length === 0) return '';
  const orders = file.value.map(({ scope, why }) => {
    return `<li><code>${escape(scope)}</code> ${escape(why)}</li>`;
  });
  return `<h2>By a file on this worker's machine</h2><ul>${orders.join('')}</ul><p><small>Remove the file to resume.</small></p>`;
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => named[character] ?? '');
}
