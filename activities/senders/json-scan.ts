/**
 * Looks once over a JSON text before it is parsed, for what a parser would swallow without a word: nesting without end,
 * masses of members, a name given twice or one that reaches into objects, a number beyond all numbers. It judges no grammar:
 * of a text that is no JSON it may say nothing, and the parser refuses it then.
 */
import type { Problem } from './sender.js';

/** Far above what monitors send: the largest body that is taken in, full of real alerts, has some 40,000 names. */
export const jsonBounds = {
  depthMax: 64,
  namesMax: 50_000,
  itemsMax: 50_000,
  numberLengthMax: 128,
} as const;

/** JSON.parse makes plain members of them; code that copies members one by one would reach a prototype with them. */
const refusedNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Names of one object that are held against each other one by one; with more, or with an escape, they go into a set. */
const comparedMax = 24;
const pathLengthMax = 300;
const nameLengthMax = 80;

/** The characters that matter. */
const space = 32;
const quote = 34;
const comma = 44;
const minus = 45;
const zero = 48;
const nine = 57;
const colon = 58;
const openBracket = 91;
const backslash = 92;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** An object or array that is open. */
interface Frame {
  isObject: boolean;
  /** Of the item that is being read. */
  index: number;
  /** Where the latest name stands in the text; -1 before the first. */
  nameFrom: number;
  nameTo: number;
  /** Names that are compared one by one, and the hash of each. */
  count: number;
  readonly hashes: Int32Array;
  readonly froms: Int32Array;
  readonly tos: Int32Array;
  /** All names, once there are too many to compare. */
  names: Set<string> | undefined;
}

function newFrame(): Frame {
  const numbers = (): Int32Array => new Int32Array(comparedMax);
  const compared = { count: 0, hashes: numbers(), froms: numbers(), tos: numbers() };
  return { isObject: false, index: 0, nameFrom: -1, nameTo: -1, ...compared, names: undefined };
}

interface Scan {
  readonly text: string;
  /** What is open, the innermost last, and room for as much as may be. The first stands around everything. */
  readonly frames: readonly Frame[];
  frame: Frame;
  depth: number;
  names: number;
  items: number;
  /** Of the latest name; undefined when it has an escape: what it says is not what it looks like. */
  hash: number | undefined;
}

/** Used again for every text: a scan never waits, so there is only ever one. */
const around = newFrame();
const frames = [around, ...Array.from({ length: jsonBounds.depthMax }, newFrame)];

/** The first flaw, with its place and the fix, or undefined. Never throws. */
export function flawIn(text: string): Problem | undefined {
  const counts = { depth: 0, names: 0, items: 0, hash: undefined };
  const scan: Scan = { text, frames, frame: around, ...counts };
  let isNameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign <= space || sign === colon) continue;
    let flaw: Problem | undefined;
    if (sign === quote) {
      const end = isNameNext ? endOfName(scan, at) : endOfString(text, at);
      if (end < 0) return undefined;
      if (isNameNext) flaw = named(scan, at + 1, end);
      isNameNext = false;
      at = end;
    } else if (sign === comma) {
      isNameNext = scan.frame.isObject;
      if (!isNameNext) flaw = nextItem(scan);
    } else if (sign === openBrace || sign === openBracket) {
      isNameNext = sign === openBrace;
      flaw = opened(scan, isNameNext ? 'object' : 'array');
    } else if (sign === closeBrace || sign === closeBracket) {
      if (scan.depth === 0) return undefined;
      closed(scan);
      isNameNext = false;
    } else if (sign === minus || (sign >= zero && sign <= nine)) {
      const end = endOfNumber(text, at);
      if (end - at > 4) flaw = numberFlaw(scan, at, end);
      at = end - 1;
    }
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** Of the quote that ends the string which begins at `from`, or -1. A quote after an odd number of backslashes is none. */
function endOfString(text: string, from: number): number {
  let end = text.indexOf('"', from + 1);
  while (end > 0 && text.charCodeAt(end - 1) === backslash) {
    let first = end - 1;
    while (text.charCodeAt(first - 1) === backslash) first -= 1;
    if ((end - first) % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
  return end;
}

/** The same, and the name's hash: most names are so short that looking at each character is the fastest. */
function endOfName(scan: Scan, from: number): number {
  const { text } = scan;
  let hash = 0;
  for (let at = from + 1; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === quote) {
      scan.hash = hash;
      return at;
    }
    if (sign === backslash) break;
    hash = (Math.imul(hash, 31) + sign) | 0;
  }
  scan.hash = undefined;
  return endOfString(text, from);
}

/** Right after the last character that can be part of a number: digits, `+ - .`, and the exponent's `e`. */
function endOfNumber(text: string, from: number): number {
  let end = from + 1;
  for (; end < text.length; end += 1) {
    const sign = text.charCodeAt(end);
    const isDigit = sign >= zero && sign <= nine;
    if (!isDigit && sign !== 46 && sign !== 101 && sign !== 69 && sign !== 43 && sign !== minus) {
      break;
    }
  }
  return end;
}

function opened(scan: Scan, what: 'object' | 'array'): Problem | undefined {
  const inner = scan.frames[scan.depth + 1];
  if (inner === undefined) {
    const problem = `is nested deeper than ${jsonBounds.depthMax} levels`;
    return flawAt(scan, problem, `nest at most ${jsonBounds.depthMax} objects and arrays`);
  }
  inner.isObject = what === 'object';
  inner.index = 0;
  inner.nameFrom = -1;
  inner.count = 0;
  inner.names = undefined;
  scan.depth += 1;
  scan.frame = inner;
  return undefined;
}

function closed(scan: Scan): void {
  scan.depth -= 1;
  scan.frame = scan.frames[scan.depth] ?? around;
}

function nextItem(scan: Scan): Problem | undefined {
  scan.frame.index += 1;
  scan.items += 1;
  if (scan.items < jsonBounds.itemsMax) return undefined;
  const problem = `the body has more than ${jsonBounds.itemsMax} items in arrays`;
  return flawAt(scan, problem, 'send fewer at a time');
}

function named(scan: Scan, from: number, to: number): Problem | undefined {
  const { frame } = scan;
  frame.nameFrom = from;
  frame.nameTo = to;
  scan.names += 1;
  if (scan.names > jsonBounds.namesMax) {
    const problem = `the body has more than ${jsonBounds.namesMax} names`;
    return flawAt(scan, problem, 'send fewer alerts at a time');
  }
  const { hash } = scan;
  if (hash === undefined || frame.names !== undefined || frame.count === comparedMax) {
    return nameInSet(scan, from, to);
  }
  if (isRefused(scan.text, from, to)) return refusedName(scan);
  for (let other = 0; other < frame.count; other += 1) {
    if (frame.hashes[other] === hash && isSame(scan, other)) return nameTwice(scan);
  }
  frame.hashes[frame.count] = hash;
  frame.froms[frame.count] = from;
  frame.tos[frame.count] = to;
  frame.count += 1;
  return undefined;
}

function isRefused(text: string, from: number, to: number): boolean {
  const length = to - from;
  return (length === 9 || length === 11) && refusedNames.has(text.slice(from, to));
}

function isSame({ text, frame }: Scan, other: number): boolean {
  const known = text.slice(frame.froms[other], frame.tos[other]);
  return known === text.slice(frame.nameFrom, frame.nameTo);
}

/** For objects with many names: hashes that were made to be equal cost nothing here. */
function nameInSet(scan: Scan, from: number, to: number): Problem | undefined {
  const { frame, text } = scan;
  const name = unescaped(text.slice(from, to));
  if (name === undefined) return undefined;
  if (refusedNames.has(name)) return refusedName(scan);
  frame.names ??= comparedNames(scan);
  if (frame.names.has(name)) return nameTwice(scan);
  frame.names.add(name);
  return undefined;
}

function comparedNames({ text, frame }: Scan): Set<string> {
  const names = new Set<string>();
  for (let at = 0; at < frame.count; at += 1) {
    names.add(text.slice(frame.froms[at], frame.tos[at]));
  }
  return names;
}

/** Undefined when it is no JSON, which the parser will say. */
function unescaped(name: string): string | undefined {
  if (!name.includes('\\')) return name;
  try {
    return String(JSON.parse(`"${name}"`));
  } catch {
    return undefined;
  }
}

function refusedName(scan: Scan): Problem {
  return flawAt(scan, 'is a name that is not taken', 'leave it out, or call it something else');
}

function nameTwice(scan: Scan): Problem {
  return flawAt(scan, 'is there twice', 'send each name of an object once');
}

function numberFlaw(scan: Scan, from: number, to: number): Problem | undefined {
  if (to - from > jsonBounds.numberLengthMax) {
    const problem = `is a number of more than ${jsonBounds.numberLengthMax} characters`;
    return flawAt(scan, problem, 'send a shorter number');
  }
  const isHuge = Math.abs(Number(scan.text.slice(from, to))) === Infinity;
  return isHuge ? flawAt(scan, 'is a number too large', 'send one below 1e308') : undefined;
}

/** Where the scan is, as one would write it in code, `alerts[0].labels.team`. */
function flawAt(scan: Scan, problem: string, fix: string): Problem {
  let path = '';
  for (const frame of scan.frames.slice(1, scan.depth + 1)) {
    if (!frame.isObject) path += `[${frame.index}]`;
    else if (frame.nameFrom >= 0) {
      const to = Math.min(frame.nameTo, frame.nameFrom + nameLengthMax);
      path += `${path === '' ? '' : '.'}${scan.text.slice(frame.nameFrom, to)}`;
    }
    if (path.length > pathLengthMax) return { path: path.slice(0, pathLengthMax), problem, fix };
  }
  return { path, problem, fix };
}
