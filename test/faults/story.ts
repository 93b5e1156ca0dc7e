/** A case that broke a law, for people: as few faults as still break it, and everything the run said. Plays cases, judges none. */
import { offsetText } from '../support/story/offset.js';
import { storyStartMs } from '../support/simulator/simulator.js';
import { atMsOf, isEntry, kindOf, saysOf, type Line } from '../support/story/told.js';
import { playCase, type CaseOptions, type PlayedCase } from './case.js';
import { sentenceOf } from './fault.js';

/** Leaves out fault by fault as long as some law still breaks. */
export async function shrunk(options: CaseOptions): Promise<CaseOptions> {
  const { faults = [] } = options;
  for (const fault of faults) {
    const fewer = { ...options, faults: faults.filter((other) => other !== fault) };
    const { broken } = await playCase(fewer);
    if (broken.length > 0) return shrunk(fewer);
  }
  return options;
}

/** The case in words: seed, runbook, faults, what was told when, and which law broke. */
export async function storyOf(options: CaseOptions, seed: number): Promise<string> {
  const least = await shrunk(options);
  const played = await playCase(least);
  return [
    `seed ${seed}; ${options.scenario.name}`,
    ...(least.faults ?? []).map((fault) => `fault  ${sentenceOf(fault)}`),
    ...played.lines.map(lineText),
    `ends   ${endText(played)}`,
    ...played.broken.map((law) => `broken ${law}`),
    '',
  ].join('\n');
}

function endText({ report, tookMs }: PlayedCase): string {
  const after = `after ${offsetText(tookMs)}`;
  if (report === undefined) return `not at all, ${after}`;
  return `${report.outcome} (${report.reason ?? 'well'}), ${after}`;
}

function lineText(line: Line): string {
  const at = offsetText(atMsOf(line) - storyStartMs).padStart(9);
  const kind = isEntry(line) ? kindOf(line) : `${line.urgency} ${line.to}`;
  return `${at}  ${kind.padEnd(13)}  ${saysOf(line)}`;
}
