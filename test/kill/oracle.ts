/** What must hold of a run whose worker was killed, wherever that was: looks at sink, ledger and leases, changes nothing. */
import { ledgerOf, listLeases, listQuarantine } from '../../activities/store/read.js';
import type { LedgerRow } from '../../activities/store/schema.js';
import type { Report } from '../../workflows/progress.js';
import type { Ground } from './ground.js';
import { stepName } from './runbooks.js';

/** A sentence for each thing that is not as it must be; none when all is well. */
export async function faultsOf(
  { db, sink }: Ground,
  { report, steps }: { readonly report: Report; readonly steps: number },
): Promise<string[]> {
  const { run } = report;
  const names = Array.from({ length: steps }, (_, index) => stepName(index + 1));
  const ledger = await ledgerOf(db, run);
  const held = (await listLeases(db)).filter(({ holder }) => holder === run);
  const shut = (await listQuarantine(db)).filter((quarantine) => quarantine.run === run);
  const operations = names.map((name) => `${run}/${name}`);
  const effects = sink.effectsOf(run);
  const happened = effects.map(({ operationId }) => operationId);
  return [
    wrong('its outcome', report.outcome, 'resolved'),
    wrong(
      'its steps',
      report.steps.map(({ name }) => name),
      names,
    ),
    wrong('the effects', happened, operations),
    ...effects.map(({ operationId, wasIntended }) => {
      return wrong(`the intent of ${operationId}, when it took effect,`, wasIntended, true);
    }),
    ...names.flatMap((name) => linesOfStep(ledger, name)),
    ...(['opened', 'outcome', 'closed'] as const).map((kind) => {
      return wrong(`lines of kind ${kind}`, ledger.filter((line) => line.kind === kind).length, 1);
    }),
    wrong('leases it holds', held.length, 0),
    wrong('targets in quarantine', shut.length, 0),
  ].flatMap((fault) => fault ?? []);
}

function linesOfStep(ledger: readonly LedgerRow[], name: string): (string | undefined)[] {
  const kinds = ledger.filter(({ step }) => step === name).map(({ kind }) => kind);
  return [wrong(`the lines of ${name}`, kinds, ['intent', 'effect'])];
}

function wrong(what: string, is: unknown, should: unknown): string | undefined {
  const [seen, wanted] = [JSON.stringify(is), JSON.stringify(should)];
  return seen === wanted ? undefined : `${what}: ${seen} instead of ${wanted}`;
}
