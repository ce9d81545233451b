import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticSink } from '../../base/index.ts';
import { decodeText, plainSource, readXml, XML_DEPTH_LIMIT, type XmlElement } from './index.ts';

function read(text: string): { readonly root: XmlElement | undefined; readonly codes: readonly string[] } {
  const sink = new DiagnosticSink();
  const root = readXml(plainSource('a.xml', text), sink);
  const codes = sink.sorted().map(({ code, position }) => `${position?.line}:${position?.column} ${code}`);
  return { root, codes };
}

test('what XML allows', () => {
  const { root, codes } = read(
    '<?xml version="1.0"?>\r\n<!-- a --><?pi x?><s:a xmlns:s="urn:x" b=\'&lt;&#x41;&#66;\t"\' c="&#10;"><![CDATA[ ]]> <b/>\n</s:a >\n<!---->',
  );
  assert.deepEqual(codes, []);
  assert.equal(root?.name, 'a');
  assert.deepEqual(
    [...(root?.attributes.values() ?? [])].map(({ name, value }) => [name, value]),
    [
      ['b', '<AB "'],
      ['c', '\n'],
    ],
  );
  assert.deepEqual(root?.comments, [' a ']);
  assert.equal(root?.children[0]?.offset, 108);
});

test('several faults are found in one run, each at its place', () => {
  assert.deepEqual(read('<a>\n<b x=1 y="2"z="3" x="4"/>\n<c></d></c>\n<e f>&nbsp;</e></a><g/>').codes, [
    '2:6 xml/unquoted-value',
    '2:13 xml/missing-space',
    '2:19 xml/repeated-attribute',
    '3:4 xml/mismatched-end',
    '4:4 xml/missing-value',
    '4:6 xml/bad-reference',
    '4:20 xml/second-root',
  ]);
});

test('where the file stops short, only that is reported', () => {
  assert.deepEqual(read('<a>\n<b x=1>\n  <c>text &wrong;</c>\n').codes, ['4:1 xml/unfinished']);
});

test('a hundred thousand levels are refused at the limit', () => {
  assert.deepEqual(read('<a>'.repeat(100_000)).codes, [`1:${XML_DEPTH_LIMIT * 3 + 1} xml/too-deep`]);
});

test('entity bombs are refused at the document type', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY x "ha">${'<!ENTITY y "&x;&x;">'.repeat(9)}]><a>&y;</a>`;
  assert.deepEqual(read(bomb).codes, ['1:1 xml/document-type']);
});

test('a hundred megabytes of attributes are refused unread', () => {
  const sink = new DiagnosticSink();
  const bytes = new Uint8Array(100 * 1024 * 1024).fill(0x20);
  assert.equal(decodeText('big.system', bytes, sink), undefined);
  assert.deepEqual(
    sink.sorted().map(({ code }) => code),
    ['xml/too-large'],
  );
});

test('half a million attributes are read', () => {
  const attributes = Array.from({ length: 500_000 }, (_, index) => ` attribute${index}="${index}"`).join('');
  assert.equal(read(`<a${attributes}/>`).root?.attributes.size, 500_000);
});

test('bytes that are not UTF-8', () => {
  const inputs: readonly (readonly [readonly number[], string])[] = [
    [[0xff, 0xfe, 0x3c, 0x00], 'it begins with a UTF-16 (little-endian) byte order mark'],
    [[0xfe, 0xff, 0x00, 0x3c], 'it begins with a UTF-16 (big-endian) byte order mark'],
    [[0x3c, 0x00, 0x61, 0x00], 'it begins like UTF-16 or UTF-32'],
    [[0x3c, 0x61, 0xe9, 0x3e], 'byte 0xe9 begins no character'],
  ];
  for (const [bytes, found] of inputs) {
    const sink = new DiagnosticSink();
    assert.equal(decodeText('a.system', Uint8Array.from(bytes), sink), undefined);
    assert.deepEqual(
      sink.sorted().map(({ message }) => message),
      [`the file is not UTF-8: ${found}`],
    );
  }
});

test('a byte order mark is dropped', () => {
  const text = decodeText('a.system', Uint8Array.from([0xef, 0xbb, 0xbf, 0x3c]), new DiagnosticSink());
  assert.equal(text, '<');
});
