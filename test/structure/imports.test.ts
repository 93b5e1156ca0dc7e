/** The import law, run over every file of the product, and the law itself, run over imports it must refuse. */
import { describe, expect, test } from '@jest/globals';
import { code, importsOf, product } from './code.js';
import { laws, type Law } from './import-law.js';

function lawOf(path: string): Law | undefined {
  return laws.find(({ from }) => from.test(path));
}

/** A sentence saying why not, or undefined when the import is lawful. */
function unlawful(path: string, imported: string): string | undefined {
  const law = lawOf(path);
  if (law === undefined) return `${path} is under no law: add a row to import-law.ts`;
  const own = law.own === true ? law.from.exec(path)?.[0] : undefined;
  if (own !== undefined && imported.startsWith(own)) return undefined;
  if (law.may.some((pattern) => pattern.test(imported))) return undefined;
  return `${path} imports ${imported}: ${law.why}`;
}

describe('the import law', () => {
  test('holds for every file of the product', () => {
    const broken = product.flatMap((file) => {
      return importsOf(file).flatMap((imported) => unlawful(file.path, imported) ?? []);
    });
    expect(broken).toEqual([]);
  });

  test('lets nothing but tests import tests', () => {
    const importers = product.filter((file) => {
      return importsOf(file).some((imported) => /^test\/|\.test\.ts$/.test(imported));
    });
    expect(importers.map(({ path }) => path)).toEqual([]);
  });

  test.each([
    ['workflows/domain/plan.ts', 'workflows/store.ts'],
    ['workflows/domain/plan.ts', 'node:crypto'],
    ['workflows/gates/lease.ts', 'workflows/gates/policy.ts'],
    ['workflows/stages/gate.ts', 'workflows/stages/perform.ts'],
    ['workflows/stages/gate.ts', 'workflows/runtime-temporal.ts'],
    ['workflows/remediation.ts', '@temporalio/workflow'],
    ['workflows/pass.ts', 'activities/adapter.ts'],
    ['runbooks/tune-retries/index.ts', '@temporalio/workflow'],
    ['runbooks/tune-retries/index.ts', 'activities/setting/index.ts'],
    ['activities/monitor/http.ts', 'activities/setting/index.ts'],
    ['activities/monitor/http.ts', 'workflows/stages/gate.ts'],
    ['activities/store/store.ts', '@temporalio/client'],
    ['workers/intake.ts', 'workflows/runtime-temporal.ts'],
    ['scripts/cli/show.ts', 'activities/setting/index.ts'],
    ['elsewhere/file.ts', 'zod'],
  ])('refuses that %s imports %s', (path, imported) => {
    expect(unlawful(path, imported)).toContain(path);
  });

  test('finds imports at all', () => {
    const main = code.find(({ path }) => path === 'workflows/remediation.ts');
    if (main === undefined) throw new Error('workflows/remediation.ts is gone');
    expect(importsOf(main)).toContain('workflows/stages/unwind.ts');
  });
});
