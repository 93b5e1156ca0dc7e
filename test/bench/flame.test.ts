/** From a V8 profile to a flame graph: times add up, callers hold their callees, and the file needs nothing beside it. */
import { describe, expect, test } from '@jest/globals';
import { parseProfile, treeOf, type Profile } from '../../scripts/bench/flame/profile.js';
import { svgOf } from '../../scripts/bench/flame/svg.js';

function node(id: number, functionName: string, children: number[] = []) {
  const callFrame = { functionName, url: 'file:///project/dist/a.js', lineNumber: id };
  return { id, callFrame: { ...callFrame, lineNumber: 9 }, children };
}

/** root -> turn -> (parse, parse again under another id, idle) */
const profile: Profile = {
  nodes: [
    node(1, '(root)', [2, 5]),
    node(2, 'turn', [3, 4]),
    node(3, 'parse<T>'),
    node(4, 'parse<T>'),
    node(5, '(idle)'),
  ],
  samples: [2, 3, 4, 5, 3],
  timeDeltas: [1000, 2000, 3000, 50_000, -4],
};

describe('a profile', () => {
  test('becomes a tree whose frames hold their own time and that of what they called', () => {
    const all = treeOf(profile, 'file:///project/');
    const turn = all.children.get('turn dist/a.js:10');
    expect({ total: all.totalMs, turn: turn?.totalMs, self: turn?.selfMs }).toEqual({
      total: 6,
      turn: 6,
      self: 1,
    });
  });

  test('shows equal callees of one caller as one frame', () => {
    const turn = [...treeOf(profile).children.values()][0];
    expect([...(turn?.children.values() ?? [])].map(({ totalMs }) => totalMs)).toEqual([5]);
  });

  test('leaves waiting out, and time that ran backwards', () => {
    const names = [...treeOf(profile).children.values()].map(({ name }) => name);
    expect(names).toEqual(['turn']);
  });

  test.each([
    ['half', '{"nodes": ['],
    ['another', '{"nodes": []}'],
  ])('that is %s a profile is refused with its file', (_what, text) => {
    expect(() => parseProfile(text, 'worker.cpuprofile')).toThrow('worker.cpuprofile');
  });
});

describe('the drawing', () => {
  test('is one SVG with every frame named, escaped, and nothing loaded from elsewhere', () => {
    const svg = svgOf(treeOf(profile), 'worker');
    expect(svg).toMatch(/^<svg [^>]*>[^]*<\/svg>\n$/);
    expect(svg).toContain('parse&lt;T&gt; | file:///project/dist/a.js:10 | 83.3 %, 5.0 ms');
    expect(svg).not.toMatch(/<script|href=|parse<T>/);
  });

  test('puts a callee above its caller and within its width', () => {
    const rects = [
      ...svgOf(treeOf(profile), 'worker').matchAll(
        /<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"/g,
      ),
    ];
    const boxes = rects.map((match) => match.slice(1).map(Number));
    const [all, turn, parse] = boxes;
    expect(all).toEqual([0, expect.any(Number), 1600]);
    expect(parse?.[1]).toBeLessThan(turn?.[1] ?? 0);
    expect(parse?.[2]).toBeCloseTo((1600 * 5) / 6, 0);
  });

  test('of a profile without work is empty, not broken', () => {
    const idle = treeOf({ nodes: [node(1, '(root)')], samples: [], timeDeltas: [] });
    expect(svgOf(idle, 'worker')).not.toContain('NaN');
  });
});
