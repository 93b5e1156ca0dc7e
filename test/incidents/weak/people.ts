/** An engine that hears people wrongly: any yes will do, silence is a yes, what was seen once is so for ever. For tests only. */
import { canonical } from '../../../workflows/domain/json.js';
import { parseMessage, type Message, type Unintelligible } from '../../../workflows/messages.js';
import { remediation } from '../../../workflows/remediation.js';
import type { Runtime, RunStatus } from '../../../workflows/runtime.js';
import type { Weakness } from '../incident.js';

type Heard = Message | Unintelligible | undefined;

/** The runtime with the last status it showed. */
class Dressed implements Runtime {
  readonly id: string;
  protected status: RunStatus | undefined;

  constructor(protected readonly inner: Runtime) {
    this.id = inner.id;
  }
  now: Runtime['now'] = () => this.inner.now();
  sleep: Runtime['sleep'] = (durationMs, says) => this.inner.sleep(durationMs, says);
  next(untilMs: number, says: string): Promise<Heard> {
    return this.inner.next(untilMs, says);
  }
  act: Runtime['act'] = (effect) => this.inner.act(effect);
  ask: Runtime['ask'] = (call, input, says) => this.inner.ask(call, input, says);
  show(status: RunStatus): void {
    this.status = status;
    this.inner.show(status);
  }
  protected get plan(): string {
    return this.status?.proposal?.planHash ?? '';
  }
}

class AnyYes extends Dressed {
  override async next(untilMs: number, says: string): Promise<Heard> {
    const heard = await super.next(untilMs, says);
    return heard?.kind === 'approve' ? { ...heard, plan: this.plan } : heard;
  }
}

class SilenceIsYes extends Dressed {
  override async next(untilMs: number, says: string): Promise<Heard> {
    const heard = await super.next(untilMs, says);
    if (heard !== undefined || this.status?.state !== 'waiting') return heard;
    const payload = { plan: this.plan, by: 'the timer' };
    return parseMessage({ signal: 'approve', ordinal: 0, atMs: this.now(), payload });
  }
}

/** What was observed answers until something was changed. */
class Remembering extends Dressed {
  private readonly seen = new Map<string, unknown>();
  private changed = false;

  override ask: Runtime['ask'] = async (call, input, says) => {
    if (!('kind' in call) || this.changed) return this.inner.ask(call, input, says);
    const question = `${call.name} ${canonical(input)}`;
    if (!this.seen.has(question)) {
      this.seen.set(question, await this.inner.ask(call, input, says));
    }
    return this.seen.get(question) as never;
  };
  override act: Runtime['act'] = (effect) => {
    this.changed = true;
    return this.inner.act(effect);
  };
}

export function anyYesCounts(): Weakness {
  const runtime = (inner: Runtime): Runtime => new AnyYes(inner);
  return { name: 'a yes counts whatever plan it names', instead: { runtime } };
}

export function silenceIsYes(): Weakness {
  const runtime = (inner: Runtime): Runtime => new SilenceIsYes(inner);
  return { name: 'nobody answered, so somebody agreed', instead: { runtime } };
}

export function whatWasSeenIsSo(): Weakness {
  const runtime = (inner: Runtime): Runtime => new Remembering(inner);
  return { name: 'nothing is looked at again before acting', instead: { runtime } };
}

export function requesterForgotten(): Weakness {
  return {
    name: 'nobody remembers who asked for the run',
    instead: {
      engine: (runtime, runbook, input) => {
        return remediation(runtime, runbook, { ...input, trigger: 'alert' });
      },
    },
  };
}
