/** XML-RPC as supervisord speaks it: calls to text, answers to values. Pure; reads no DTD, follows no reference. */

export type XmlRpcValue =
  string | number | boolean | readonly XmlRpcValue[] | { readonly [name: string]: XmlRpcValue };

/** What the server answered instead of a value; `code` is one of supervisord's faults. */
export class XmlRpcFault extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
    this.name = 'XmlRpcFault';
  }
}

const depthMax = 16;
const entities = new Map(
  Object.entries({
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    apos: "'",
  }),
);

/** The body of a call whose parameters are all text. */
export function callText(method: string, params: readonly string[]): string {
  const values = params.map(
    (text) => `<param><value><string>${escaped(text)}</string></value></param>`,
  );
  return `<?xml version="1.0"?><methodCall><methodName>${method}</methodName><params>${values.join('')}</params></methodCall>`;
}

/** The value that was answered. Throws an XmlRpcFault for a fault and a SyntaxError for what is no answer. */
export function parseAnswer(text: string): XmlRpcValue {
  const tokens = new Tokens(text);
  tokens.expect('<methodResponse>');
  if (tokens.take('<fault>')) throw faultOf(valueIn(tokens, 0));
  tokens.expect('<params>');
  tokens.expect('<param>');
  return valueIn(tokens, 0);
}

/** Tags and the text between them, in order; white space between tags is left out. */
class Tokens {
  private readonly rest: readonly string[];
  private at = 0;

  constructor(text: string) {
    const body = text.replace(/^\s*<\?xml[^>]*\?>/, '');
    this.rest = (body.match(/<[^<>]*>|[^<>]+/g) ?? [])
      .map((token) => (/^<[a-zA-Z0-9.]+ ?\/>$/.test(token) ? emptied(token) : [token]))
      .flat();
  }

  next(): string {
    const token = this.rest[this.at++];
    if (token === undefined) throw new SyntaxError('the XML-RPC answer ends too early');
    return token;
  }

  take(tag: string): boolean {
    this.skipBlank();
    if (this.rest[this.at] !== tag) return false;
    this.at += 1;
    return true;
  }

  expect(tag: string): void {
    if (this.take(tag)) return;
    const found = this.rest[this.at]?.slice(0, 40) ?? 'its end';
    throw new SyntaxError(`no XML-RPC answer: ${tag} was expected where ${found} stands`);
  }

  /** The text up to this closing tag. */
  textUntil(closing: string): string {
    const first = this.next();
    if (first === closing) return '';
    if (this.next() !== closing) throw new SyntaxError(`no XML-RPC answer: ${closing} is missing`);
    return unescaped(first);
  }

  private skipBlank(): void {
    while (/^\s+$/.test(this.rest[this.at] ?? '')) this.at += 1;
  }
}

function valueIn(tokens: Tokens, depth: number): XmlRpcValue {
  if (depth > depthMax) throw new SyntaxError(`the XML-RPC answer is nested over ${depthMax} deep`);
  tokens.expect('<value>');
  if (tokens.take('</value>')) return '';
  const value = typedIn(tokens, depth);
  tokens.expect('</value>');
  return value;
}

function typedIn(tokens: Tokens, depth: number): XmlRpcValue {
  if (tokens.take('<struct>')) return structIn(tokens, depth);
  if (tokens.take('<array>')) return arrayIn(tokens, depth);
  if (tokens.take('<string>')) return tokens.textUntil('</string>');
  if (tokens.take('<boolean>')) return tokens.textUntil('</boolean>').trim() === '1';
  for (const type of ['int', 'i4', 'double']) {
    if (tokens.take(`<${type}>`)) return numberOf(tokens.textUntil(`</${type}>`));
  }
  const bare = tokens.next();
  if (bare.startsWith('<')) throw new SyntaxError(`XML-RPC type ${bare.slice(0, 40)} is not known`);
  return unescaped(bare);
}

function structIn(tokens: Tokens, depth: number): XmlRpcValue {
  const members: [string, XmlRpcValue][] = [];
  while (!tokens.take('</struct>')) {
    tokens.expect('<member>');
    tokens.expect('<name>');
    const name = tokens.textUntil('</name>');
    members.push([name, valueIn(tokens, depth + 1)]);
    tokens.expect('</member>');
  }
  return Object.fromEntries(members);
}

function arrayIn(tokens: Tokens, depth: number): XmlRpcValue {
  const values: XmlRpcValue[] = [];
  tokens.expect('<data>');
  while (!tokens.take('</data>')) values.push(valueIn(tokens, depth + 1));
  tokens.expect('</array>');
  return values;
}

function faultOf(value: XmlRpcValue): XmlRpcFault {
  const fault = typeof value === 'object' && !Array.isArray(value) ? value : {};
  const { faultCode, faultString } = fault as Record<string, XmlRpcValue>;
  return new XmlRpcFault(
    typeof faultCode === 'number' ? faultCode : 0,
    typeof faultString === 'string' ? faultString : 'a fault without a text',
  );
}

function numberOf(text: string): number {
  const value = Number(text.trim());
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new SyntaxError(`no number in an XML-RPC answer: ${text.slice(0, 40)}`);
  }
  return value;
}

function emptied(token: string): string[] {
  const name = token.slice(1, -2).trim();
  return [`<${name}>`, `</${name}>`];
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (sign) => `&${{ '&': 'amp', '<': 'lt' }[sign] ?? 'gt'};`);
}

function unescaped(text: string): string {
  return text.replace(/&(#\d+|#x[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (!name.startsWith('#')) return entities.get(name) ?? whole;
    const code = name.startsWith('#x') ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
