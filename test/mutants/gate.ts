/** The replay gate: whether the code that a mutant makes still replays every recorded history. Judges by Temporal's own replay. */
import { Worker } from '@temporalio/worker';
import { payloadConverterPath } from '../support/story/bundles.js';
import { recordedHistories, type RecordedHistory } from '../support/story/histories.js';
import { preamble } from './mutant.js';

/** The first history that did not replay, and why. */
export interface Caught {
  readonly history: string;
  readonly why: string;
}

export class ReplayGate {
  private readonly code: string;

  /** `bundle` is JavaScript with all mutants in it. */
  constructor(
    bundle: string,
    private readonly histories: readonly RecordedHistory[] = recordedHistories(),
  ) {
    this.code = withoutSourceMap(bundle);
  }

  /** Undefined when all histories replay. Those named in `first` come first, since they are likely to tell. */
  async judge(mutant: number, first: readonly string[] = []): Promise<Caught | undefined> {
    const rank = ({ name }: RecordedHistory): number => (first.includes(name) ? 0 : 1);
    const sorted = this.histories.toSorted((left, right) => rank(left) - rank(right));
    const options = {
      workflowBundle: { code: preamble(mutant) + this.code },
      dataConverter: { payloadConverterPath },
    };
    const given = sorted.map(({ name, history }) => ({ workflowId: name, history }));
    const results = Worker.runReplayHistories(options, given);
    for await (const { workflowId, error } of results) {
      if (error !== undefined) return { history: workflowId, why: error.message };
    }
    return undefined;
  }
}

/** The map is three quarters of the text, and would be read anew for each mutant. */
function withoutSourceMap(code: string): string {
  const at = code.lastIndexOf('//# sourceMappingURL=');
  const empty = Buffer.from(
    '{"version":3,"file":"workflows.js","sources":[],"names":[],"mappings":""}',
  ).toString('base64');
  const mark = 'data:application/json;charset=utf-8;base64,';
  return `${at === -1 ? code : code.slice(0, at)}//# sourceMappingURL=${mark}${empty}\n`;
}
