/** Counts what becomes of mutants: refused by the compiler, without change, caught, survived; and says so in lines. */
import type { Mutant } from './mutant.js';
import { mutatedText } from './mutant.js';
import { Compiler } from './compiler.js';
import type { PlantedCopy } from './copy.js';
import type { ReplayGate } from './gate.js';
import type { CommandsByStory } from './play/commands.js';
import { changedRuns, type Played, type Player } from './played.js';

export type Fate = 'same commands' | 'does not compile' | 'caught' | 'survived';

export interface Judged {
  readonly mutant: Mutant;
  readonly fate: Fate;
  /** The runs of stories whose commands changed. */
  readonly changed: readonly string[];
  readonly why: string;
}

export interface Examination {
  readonly copy: PlantedCopy;
  readonly player: Player;
  readonly gate: ReplayGate;
}

export class Census {
  readonly judged: Judged[] = [];
  private readonly compiler = new Compiler();

  private constructor(
    private readonly examination: Examination,
    private readonly original: CommandsByStory,
  ) {}

  /** Rejects when the code as it is cannot be played or does not replay: then nothing could be told of mutants. */
  static async open(examination: Examination): Promise<Census> {
    const original = await examination.player.play(0);
    if (typeof original === 'string')
      throw new Error(`without a mutant the stories are ${original}: ${examination.player.why}`);
    const caught = await examination.gate.judge(0);
    if (caught !== undefined) throw new Error(`without a mutant ${caught.history}: ${caught.why}`);
    return new Census(examination, original);
  }

  async judge(mutant: Mutant): Promise<Judged> {
    const judged = { mutant, ...(await this.fateOf(mutant)) };
    this.judged.push(judged);
    return judged;
  }

  private async fateOf(mutant: Mutant): Promise<Omit<Judged, 'mutant'>> {
    const { copy, player, gate } = this.examination;
    const played = await player.play(mutant.id);
    const changed = this.changedBy(played);
    if (changed.length === 0) return { fate: 'same commands', changed, why: '' };
    const source = copy.sources.get(mutant.file);
    if (source === undefined) throw new Error(`${mutant.file} was not copied`);
    const complaint = this.compiler.complaint(mutant.file, mutatedText(source, mutant));
    if (complaint !== undefined) return { fate: 'does not compile', changed, why: complaint };
    // Temporal's replay stops no loop that never waits for anything: it would take this process with it.
    if (played === 'hangs') return { fate: 'caught', changed, why: 'the replay never ends' };
    const caught = await gate.judge(mutant.id, changed);
    if (caught === undefined) return { fate: 'survived', changed, why: '' };
    return { fate: 'caught', changed, why: `${caught.history}: ${caught.why}` };
  }

  private changedBy(played: Played): string[] {
    return typeof played === 'string'
      ? Object.keys(this.original)
      : changedRuns(this.original, played);
  }

  count(fate: Fate): number {
    return this.judged.filter((one) => one.fate === fate).length;
  }

  /** Of the mutants that compile and change what a run asks for, the share that replay notices. */
  share(): number {
    const caught = this.count('caught');
    return caught / Math.max(1, caught + this.count('survived'));
  }

  lines(): string[] {
    const caught = this.count('caught');
    const changing = caught + this.count('survived');
    return [
      `mutants: ${this.judged.length}; the compiler refuses ${this.count('does not compile')}; ` +
        `the same commands in every story: ${this.count('same commands')}`,
      `change a story's commands: ${changing}; caught by replay: ${caught} ` +
        `(${(this.share() * 100).toFixed(1)}%)`,
      ...this.judged.filter(({ fate }) => fate === 'survived').map(survivorText),
    ];
  }
}

function survivorText({ mutant, changed }: Judged): string {
  const { file, line, kind, words } = mutant;
  return `survived: ${file}:${line} ${kind}: ${words} (changes ${changed.slice(0, 3).join(', ')}${
    changed.length > 3 ? `, and ${changed.length - 3} more` : ''
  })`;
}
