/** Configuration files of fake services, in memory; behaves as activities/setting/ does, by the same contract test. */
import { createHash } from 'node:crypto';
import type { ActionAdapter, EffectContext } from '../../../activities/adapter.js';
import type { Apply, Health, Undo, Verify } from '../../../workflows/actions/action.js';
import type {
  ChangeSetting,
  SettingRef,
  SettingState,
} from '../../../workflows/actions/setting.js';
import { Failure } from '../../../workflows/domain/failure.js';
import type { WorldEffect } from './effects.js';

type Values = Readonly<Record<string, number>>;

interface FakeFile {
  text: string;
  /** What the service works with: the file as it was when it last reloaded. */
  loaded: Values;
  reloads: number;
  reloadFailures: number;
}

export class FakeSettings implements ActionAdapter<ChangeSetting, SettingState> {
  private readonly files = new Map<string, FakeFile>();
  private readonly copies = new Map<string, string>();

  constructor(
    private readonly effects: WorldEffect[],
    private readonly onReload: (service: string) => void,
  ) {}

  /** Adds a service with its file, loaded. */
  add(service: string, values: Values): void {
    this.files.set(service, {
      text: textOf(values),
      loaded: values,
      reloads: 0,
      reloadFailures: 0,
    });
  }

  /** Somebody who is not Belay edits the file; the service does not reload. */
  editedByHand(service: string, values: Values): void {
    const file = this.known(service);
    file.text = textOf({ ...valuesOf(file.text), ...values });
  }

  /** The next so many reloads are answered with an error. */
  reloadFails(service: string, times: number): void {
    this.known(service).reloadFailures = times;
  }

  /** What the service works with now, or undefined when it has no such setting. */
  loaded(service: string, key: string): number | undefined {
    return this.known(service).loaded[key];
  }

  reloads(service: string): number {
    return this.known(service).reloads;
  }

  text(service: string): string {
    return this.known(service).text;
  }

  /** File and loaded value of each setting under the target string its steps have. */
  snapshot(): Record<string, { file: string; loaded: number | null }> {
    const all: Record<string, { file: string; loaded: number | null }> = {};
    for (const [service, { text, loaded }] of this.files) {
      for (const key of Object.keys(valuesOf(text))) {
        all[`setting:${service}/${key}`] = { file: text, loaded: loaded[key] ?? null };
      }
    }
    return all;
  }

  look(ref: SettingRef): Promise<SettingState> {
    return answered(() => this.stateOf(ref));
  }

  plan(asked: { input: ChangeSetting; before: SettingState }): Promise<SettingState> {
    return answered(() => {
      const { input, before } = asked;
      if (!sameState(this.stateOf(input), before)) throw moved(input);
      return { sha256: sha256(this.changed(input)), value: input.value };
    });
  }

  apply(asked: Apply<ChangeSetting, SettingState>, at: EffectContext): Promise<SettingState> {
    return answered(() => this.change(asked, at));
  }

  verify({ input, expected }: Verify<ChangeSetting, SettingState>): Promise<Health> {
    return answered(() => {
      const now = this.stateOf(input);
      return { well: sameState(now, expected), seen: `${input.key} is ${now.value}` };
    });
  }

  undo(asked: Undo<ChangeSetting, SettingState>, at: EffectContext): Promise<SettingState> {
    return answered(() => this.restore(asked, at));
  }

  private change(asked: Apply<ChangeSetting, SettingState>, at: EffectContext): SettingState {
    const { input, before, expected, operationId } = asked;
    const file = this.known(input.service);
    const now = this.stateOf(input);
    if (sameState(now, before)) {
      goesOn(at);
      this.copies.set(operationId, file.text);
      file.text = this.changed(input);
      const what = `set ${input.key} of ${input.service} to ${input.value}`;
      this.effects.push({ operationId, part: 'apply', what });
    } else if (!sameState(now, expected) || !this.copies.has(operationId)) {
      throw moved(input);
    }
    this.reload(input.service);
    return this.stateOf(input);
  }

  private restore(asked: Undo<ChangeSetting, SettingState>, at: EffectContext): SettingState {
    const { input, before, expected, operationId } = asked;
    const file = this.known(input.service);
    const now = this.stateOf(input);
    const copy = this.copies.get(operationId);
    if (!sameState(now, before)) {
      if (!sameState(now, expected) || copy === undefined) throw moved(input);
      goesOn(at);
      file.text = copy;
      const what = `restored ${input.key} of ${input.service} to ${before.value}`;
      this.effects.push({ operationId, part: 'undo', what });
    }
    this.reload(input.service);
    return this.stateOf(input);
  }

  private reload(service: string): void {
    const file = this.known(service);
    if (file.reloadFailures > 0) {
      file.reloadFailures -= 1;
      throw new Failure('transient', `${service} did not reload`);
    }
    file.loaded = valuesOf(file.text);
    file.reloads += 1;
    this.onReload(service);
  }

  private changed({ service, key, value }: ChangeSetting): string {
    return textOf({ ...valuesOf(this.known(service).text), [key]: value });
  }

  private stateOf({ service, key }: SettingRef): SettingState {
    const { text } = this.known(service);
    const value = valuesOf(text)[key];
    if (value === undefined) throw new Failure('refused', `${service} has no setting ${key}`);
    return { sha256: sha256(text), value };
  }

  private known(service: string): FakeFile {
    const file = this.files.get(service);
    if (file === undefined) throw new Failure('refused', `no settings of ${service} are known`);
    return file;
  }
}

function textOf(values: Values): string {
  return `${JSON.stringify(values, null, 2)}\n`;
}

function valuesOf(text: string): Values {
  return JSON.parse(text) as Values;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function sameState(left: SettingState, right: SettingState): boolean {
  return left.sha256 === right.sha256 && left.value === right.value;
}

function goesOn({ signal, requireClaim }: EffectContext): void {
  if (signal.aborted) throw new Failure('unknown', 'time is up');
  requireClaim();
}

function moved({ service, key }: SettingRef): Failure {
  return new Failure('refused', `the file with ${key} of ${service} was changed by somebody else`);
}

/** What it gives or throws, as a promise. */
async function answered<Value>(work: () => Value): Promise<Value> {
  return Promise.resolve(work());
}
