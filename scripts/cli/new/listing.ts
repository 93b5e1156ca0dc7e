/** Adds a runbook to the files that list runbooks, sorted, and once however often it is asked. Touches no file itself. */
import type { Naming } from './naming.js';
import { harnessText } from './story-templates.js';

export interface Listing {
  /** The whole file; undefined when it does not look as expected and was left alone. */
  readonly text: string | undefined;
  readonly lines: readonly string[];
}

const lineMax = 100;

/** runbooks/index.ts: an import, and a place in the array. */
export function listInCatalogue(text: string, { name, variable }: Naming): Listing {
  const importLine = `import { ${variable} } from './${name}/index.js';`;
  const array = /(export const runbooks: readonly Runbook\[\] = )\[([^\]]*)\];/;
  const found = array.exec(text);
  const imported = withLine(text, importLine, /^import \{ \w+ \} from '\.\/[\w-]+\/index\.js';$/);
  const lines = [importLine, `${variable} in the array runbooks`];
  if (found === null || imported === undefined) return { text: undefined, lines };
  const [, head = '', inside = ''] = found;
  const names = inside
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const all = [...new Set([...names, variable])].sort();
  const oneLine = `${head}[${all.join(', ')}];`;
  const several = `${head}[\n${all.map((each) => `  ${each},\n`).join('')}];`;
  return { text: imported.replace(array, oneLine.length <= lineMax ? oneLine : several), lines };
}

/** workflows/index.ts: an import and an export. */
export function listInWorkflows(text: string, { name, variable }: Naming): Listing {
  const path = `../runbooks/${name}/index.js`;
  const importLine = `import { ${variable} as ${variable}Runbook } from '${path}';`;
  const exportLine = `export const ${variable} = workflowOf(${variable}Runbook);`;
  const lines = [importLine, exportLine];
  const imported = withLine(
    text,
    importLine,
    /^import \{ \w+ as \w+ \} from '\.\.\/runbooks\/[\w-]+\/index\.js';$/,
  );
  if (imported === undefined) return { text: undefined, lines };
  const isExport = /^export const \w+ = workflowOf\(\w+\);$/;
  return { text: withLine(imported, exportLine, isExport), lines };
}

/** test/unwind/harness.ts: an entry at the end of the list. */
export function listInHarness(text: string, naming: Naming): Listing {
  const list = /^(export const harness: [^\n]*= \{\n)([^]*?)^\};$/m;
  const [, , entries] = list.exec(text) ?? [];
  const entry = harnessText(naming);
  const lines = [`an entry for ${naming.name}`];
  if (entries === undefined) return { text: undefined, lines: [entry.replace(/\s+/g, ' ').trim()] };
  const [key = ''] = entry.split(':');
  if (entries.includes(`${key}:`)) return { text, lines };
  // a function, so that no `$` of an alert's name means anything
  return {
    text: text.replace(list, (whole) => `${whole.slice(0, -'};'.length)}${entry}};`),
    lines,
  };
}

/** Puts the line among those like it, all of them sorted; undefined when there is none like it. */
function withLine(text: string, line: string, like: RegExp): string | undefined {
  const lines = text.split('\n');
  const first = lines.findIndex((each) => like.test(each));
  if (first === -1) return undefined;
  const group = lines.filter((each) => like.test(each));
  const rest = lines.filter((each) => !like.test(each));
  rest.splice(first, 0, ...[...new Set([...group, line])].sort());
  return rest.join('\n');
}
