/** The README and the docs say what is so: transcripts, links, commands and reasons are held against the code. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { reasons } from '../../workflows/domain/reason.js';

const pages = ['README.md', ...markdownIn('docs'), ...markdownIn('docs/decisions')];

describe('the README', () => {
  const readme = readFileSync('README.md', 'utf8');

  test('shows a transcript that a story really gives', () => {
    const shown = /<!-- (test\/stories\/\S+) -->\n+```\n([\s\S]*?)```/.exec(readme);
    const golden = readFileSync(shown?.[1] ?? '', 'utf8');
    expect(golden).toContain(shown?.[2]);
  });

  test('counts the reasons as they are', () => {
    expect(readme).toContain(`one of ${Object.keys(reasons).length} words`);
  });

  test('names only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = pages.flatMap((page) => [
      ...readFileSync(page, 'utf8').matchAll(/npm run (?:-s )?([a-z:]+)/g),
    ]);
    expect(named.length).toBeGreaterThan(3);
    for (const [, name = ''] of named) expect(Object.keys(scripts)).toContain(name);
  });
});

test('every link to a file of this repository leads somewhere', () => {
  for (const page of pages) {
    for (const [, target = ''] of readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      expect({ page, target, there: existsSync(join(dirname(page), target)) }).toEqual({
        page,
        target,
        there: true,
      });
    }
  }
});

test('why-it-did-not-act.md has one heading for each reason, and no other', () => {
  const text = readFileSync('docs/why-it-did-not-act.md', 'utf8');
  const headings = [...text.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading);
  expect(headings.sort()).toEqual(Object.keys(reasons).sort());
});

test('dependencies.md has a line for each dependency', () => {
  const text = readFileSync('docs/decisions/dependencies.md', 'utf8');
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as Record<string, Record<string, string>>;
  const names = Object.keys({ ...dependencies, ...devDependencies });
  for (const name of names) {
    const short = name
      .replace(/^@(types)\/.*/, '@$1')
      .replace(/^@temporalio\/(?!testing).*/, '@temporalio/*');
    const alias = name.startsWith('@opentelemetry/') ? name.replace('@opentelemetry/', '') : short;
    expect({ name, named: text.includes(alias) }).toEqual({ name, named: true });
  }
});

function markdownIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
}
