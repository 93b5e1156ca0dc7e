/** The XML-RPC text: what supervisord sends is understood, anything else is an error and never a value. */
import { describe, expect, test } from '@jest/globals';
import { callText, parseAnswer, XmlRpcFault } from './xml-rpc.js';

const answer = (value: string): string =>
  `<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n${value}\n</param>\n</params>\n</methodResponse>\n`;

describe('an answer', () => {
  test('is read with all types that supervisord uses', () => {
    const text = answer(
      `<value><struct>
<member>
<name>statename</name>
<value><string>RUNNING</string></value>
</member>
<member><name>pid</name><value><int>42</int></value></member>
<member><name>ratio</name><value><double>-0.5</double></value></member>
<member><name>up</name><value><boolean>1</boolean></value></member>
<member><name>empty</name><value><string></string></value></member>
<member><name>shut</name><value><string/></value></member>
<member><name>bare</name><value>text &amp; &#65;&#x42;</value></member>
<member><name>list</name><value><array><data><value><i4>1</i4></value></data></array></value></member>
</struct></value>`,
    );
    expect(parseAnswer(text)).toEqual({
      statename: 'RUNNING',
      pid: 42,
      ratio: -0.5,
      up: true,
      empty: '',
      shut: '',
      bare: 'text & AB',
      list: [1],
    });
  });

  test('keeps white space inside of text', () => {
    expect(parseAnswer(answer('<value><string>  two  words\n</string></value>'))).toBe(
      '  two  words\n',
    );
  });

  test('that is a fault is thrown with its code', () => {
    const text = `<methodResponse><fault><value><struct>
      <member><name>faultCode</name><value><int>60</int></value></member>
      <member><name>faultString</name><value><string>ALREADY_STARTED: shop</string></value></member>
    </struct></value></fault></methodResponse>`;
    expect(() => parseAnswer(text)).toThrow(new XmlRpcFault(60, 'ALREADY_STARTED: shop'));
  });

  test.each([
    ['nothing', ''],
    ['a page', '<html><body>502</body></html>'],
    ['a cut-off answer', '<methodResponse><params><param><value><string>RUNN'],
    ['an unknown type', answer('<value><base64>eA==</base64></value>')],
    ['a number that is none', answer('<value><int>many</int></value>')],
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${answer('<value>&a;</value>')}`],
    ['endless nesting', answer('<value><array><data>'.repeat(50))],
  ])('that is %s is an error', (_what, text) => {
    expect(() => parseAnswer(text)).toThrow(SyntaxError);
  });

  test('names no entity of its own', () => {
    expect(parseAnswer(answer('<value>&other;&constructor;</value>'))).toBe('&other;&constructor;');
  });

  test('cannot put anything into the prototype', () => {
    const text = answer(
      '<value><struct><member><name>__proto__</name><value>x</value></member></struct></value>',
    );
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
    expect(Object.getPrototypeOf(parseAnswer(text))).toBe(Object.prototype);
  });
});

test('a call carries its text whatever it holds', () => {
  expect(callText('a.b', ['x</string>&y'])).toContain('<string>x&lt;/string&gt;&amp;y</string>');
});
