/** What can be wrong with a device tree blob. */
import { declareDiagnostics, diagnostic, formatSize, hex } from '../../base/index.ts';

/** What reading a blob reports (`dtb/…`). */
export const dtbCodes = declareDiagnostics('dtb', {
  'not-a-dtb': diagnostic<{ magic: number; expected: number }>({
    severity: 'error',
    message: ({ magic, expected }) =>
      `not a device tree blob: it begins with ${hex(magic)}, not ${hex(expected)}`,
    explanation: 'Every blob begins with its magic number, big-endian (DTSpec 0.4 §5.2).',
  }),
  'header-cut-short': diagnostic<{ sizeBytes: number; neededBytes: number }>({
    severity: 'error',
    message: ({ sizeBytes, neededBytes }) =>
      `the file is ${sizeBytes} bytes long, and the header alone takes ${neededBytes}`,
    hint: () => 'the file was cut short; copy it again',
    explanation: 'The header of a version 16 blob is 36 bytes long, that of version 17 40 (DTSpec 0.4 §5.2).',
  }),
  'version-too-old': diagnostic<{ version: number }>({
    severity: 'error',
    message: ({ version }) => `version ${version} of the blob format is not read; 16 and 17 are`,
    hint: () => 'convert it: dtc -I dtb -O dtb -V 17',
    explanation:
      'Versions before 16 hold full paths in place of node names and were gone before arm64 Linux began. dtc reads them.',
  }),
  'version-too-new': diagnostic<{ version: number; lastCompVersion: number }>({
    severity: 'error',
    message: ({ version, lastCompVersion }) =>
      `the blob is of version ${version} and asks for a reader of version ${lastCompVersion}; this one is of version 17`,
    explanation: 'A blob says with which version its readers must be compatible (`last_comp_version`).',
  }),
  'file-cut-short': diagnostic<{ sizeBytes: number; totalSizeBytes: number }>({
    severity: 'error',
    message: ({ sizeBytes, totalSizeBytes }) =>
      `the header says ${totalSizeBytes} bytes (totalsize), but the file ends after ${sizeBytes}`,
    hint: () => 'the file was cut short; copy it again',
    explanation: 'The file is shorter than its header says.',
  }),
  'total-size-too-small': diagnostic<{ totalSizeBytes: number }>({
    severity: 'error',
    message: ({ totalSizeBytes }) => `totalsize is ${totalSizeBytes}, less than the header itself`,
    explanation: 'The size in the header covers the header and all blocks.',
  }),
  'too-large': diagnostic<{ totalSizeBytes: number; limitBytes: number }>({
    severity: 'error',
    message: ({ totalSizeBytes, limitBytes }) =>
      `the blob is ${formatSize(totalSizeBytes)} large; blobs of up to ${formatSize(limitBytes)} are read`,
    explanation: 'Linux takes blobs of up to 2 MiB. The limit keeps a hostile file from filling memory.',
  }),
  'trailing-data': diagnostic<{ sizeBytes: number }>({
    severity: 'warning',
    message: ({ sizeBytes }) => `${sizeBytes} bytes follow the blob and are not read`,
    hint: () => 'if several blobs were joined into one file, take it apart first',
    explanation: 'The file goes on after the size that the header gives, with more than zeros.',
  }),
  'block-outside': diagnostic<{ block: string; start: number; end: number; totalSizeBytes: number }>({
    severity: 'error',
    message: ({ block, start, end, totalSizeBytes }) =>
      `the ${block} block lies at ${hex(start)} to ${hex(end)}, outside the blob's ${hex(totalSizeBytes)} bytes`,
    explanation: 'The header places a block where the blob has no bytes.',
  }),
  'block-misaligned': diagnostic<{ block: string; start: number; alignment: number }>({
    severity: 'warning',
    message: ({ block, start, alignment }) =>
      `the ${block} block begins at ${hex(start)}, which is no multiple of ${alignment}`,
    explanation:
      'The memory reservation block is aligned to 8 bytes and the structure block to 4 (DTSpec 0.4 §5.6). It is read all the same.',
  }),
  'blocks-overlap': diagnostic<{ block: string; other: string }>({
    severity: 'warning',
    message: ({ block, other }) => `the ${block} block overlaps the ${other}`,
    explanation: 'The blocks of a blob lie apart (DTSpec 0.4 §5.1). It is read all the same.',
  }),
  'reservations-unterminated': diagnostic({
    severity: 'error',
    message: () => 'the memory reservation block has no entry of size 0 that ends it',
    explanation: 'The list of memory reservations ends with an entry of zeros (DTSpec 0.4 §5.3).',
  }),
  'reservation-of-nothing': diagnostic<{ address: bigint }>({
    severity: 'warning',
    message: ({ address }) =>
      `the list of memory reservations ends at an entry of size 0 with address ${hex(address)}`,
    explanation:
      'The entry that ends the list has address 0 and size 0 (DTSpec 0.4 §5.3). Readers stop at size 0, so entries after it are lost.',
  }),
  'structure-cut-short': diagnostic<{ what: string }>({
    severity: 'error',
    message: ({ what }) => `the structure block ends ${what}`,
    explanation: 'The structure block is over before its tree is (DTSpec 0.4 §5.4).',
  }),
  'unknown-token': diagnostic<{ token: number }>({
    severity: 'error',
    message: ({ token }) => `${hex(token)} is no token of the structure block`,
    explanation: 'Tokens are 1, 2, 3, 4 and 9 (DTSpec 0.4 §5.4.1). What follows an unknown one is not read.',
  }),
  'token-out-of-place': diagnostic<{ token: string; where: string }>({
    severity: 'error',
    message: ({ token, where }) => `${token} stands ${where}`,
    explanation: 'The tokens of the structure block do not make one tree (DTSpec 0.4 §5.4.2).',
  }),
  'root-has-name': diagnostic<{ name: string }>({
    severity: 'warning',
    message: ({ name }) => `the root node is called "${name}"; the name is not kept`,
    explanation: "The root node's name is empty (DTSpec 0.4 §5.4.1).",
  }),
  'name-outside-strings': diagnostic<{ offset: number; node: string }>({
    severity: 'error',
    message: ({ offset, node }) =>
      `a property of ${node} has its name at ${hex(offset)} of the strings block, where no string ends within the block`,
    explanation: 'A property names itself by an offset in the strings block (DTSpec 0.4 §5.4.1).',
  }),
  'property-name-too-long': diagnostic<{ node: string; limitBytes: number }>({
    severity: 'error',
    message: ({ node, limitBytes }) => `a property of ${node} has a name of more than ${limitBytes} bytes`,
    explanation:
      'The specification allows 31 characters (DTSpec 0.4 §2.2.4.1). Many properties can share the bytes of one long name, so a small file could fill memory.',
  }),
  'bad-node-name': diagnostic<{ name: string; parent: string }>({
    severity: 'error',
    message: ({ name, parent }) =>
      name === ''
        ? `a node in ${parent} has no name`
        : `a node in ${parent} is called "${name}"; a name can't hold a slash`,
    explanation: 'No path leads to a node whose name is empty or holds a slash.',
  }),
  'odd-name': diagnostic<{ what: string; name: string; owner: string }>({
    severity: 'warning',
    message: ({ what, name, owner }) =>
      `the ${what} "${name}" in ${owner} has characters that device tree source can't write`,
    explanation:
      'Names are of letters, digits and ,._+-@ for nodes, ,._+-?# for properties (DTSpec 0.4 §2.2.1, §2.2.4.1). Printed as source such a tree is refused by dtc.',
  }),
  'duplicate-node': diagnostic<{ name: string; parent: string }>({
    severity: 'error',
    message: ({ name, parent }) => `${parent} has a second node ${name}`,
    explanation: 'Nodes side by side have different names (DTSpec 0.4 §2.2.1).',
  }),
  'duplicate-property': diagnostic<{ name: string; node: string }>({
    severity: 'error',
    message: ({ name, node }) => `${node} has a second property ${name}`,
    explanation: 'Which of the two a reader finds is left to chance.',
  }),
  'property-after-node': diagnostic<{ name: string; node: string }>({
    severity: 'warning',
    message: ({ name, node }) =>
      `the property ${name} of ${node} follows a child node; Linux does not see it`,
    hint: () => 'write the blob anew, which puts properties first',
    explanation: "A node's properties come before its children (DTSpec 0.4 §5.4.2).",
  }),
  'name-property-differs': diagnostic<{ node: string }>({
    severity: 'warning',
    message: ({ node }) => `the property "name" of ${node} is not the node's name`,
    explanation:
      "The property is deprecated (DTSpec 0.4 §2.3.11). It is dropped where it repeats the node's name, as dtc does, and kept where it does not; dtc refuses such a tree.",
  }),
});
