/** What can be wrong with a directory that holds a device tree. */
import { declareDiagnostics, diagnostic, formatSize } from '../../base/index.ts';

/** What reading a directory such as `/proc/device-tree` reports (`live/…`). */
export const liveCodes = declareDiagnostics('live', {
  'no-reservations': diagnostic({
    severity: 'note',
    message: () =>
      "a directory does not show the blob's memory reservations; the tree that is read from it has none",
    hint: () => 'where they matter, read /sys/firmware/fdt, which is the whole blob, as root',
    explanation:
      'Linux shows nodes and properties under /proc/device-tree, but not the memory reservation block. Reservations in /reserved-memory are nodes and are there.',
  }),
  'not-a-root': diagnostic({
    severity: 'warning',
    message: () =>
      'the directory holds neither "compatible" nor "#address-cells"; is it the top of a device tree?',
    explanation:
      'The root node has both properties (DTSpec 0.4 §3.2). A part of a tree is read all the same.',
  }),
  'unreadable-property': diagnostic<{ reason: string }>({
    severity: 'warning',
    message: ({ reason }) => `the property can't be read and is left out: ${reason}`,
    hint: () => 'read the directory as root',
    explanation:
      'Some properties are only for root to read: Linux shows those whose names begin with "security-" to nobody else.',
  }),
  'unreadable-node': diagnostic<{ reason: string }>({
    severity: 'error',
    message: ({ reason }) => `the node can't be read: ${reason}`,
    hint: () => 'read the directory as root, or a copy of it',
    explanation:
      'A directory that stands for a node could not be listed, so an unknown part of the tree is missing.',
  }),
  'link-to-directory': diagnostic<{ target: string }>({
    severity: 'warning',
    message: ({ target }) => `the symbolic link to the directory ${target} is not followed`,
    explanation:
      'Old kernels showed a node under a second name in this way. Such a link can lead back to where it began; what it leads to within the tree is read in its own place.',
  }),
  'not-a-file': diagnostic({
    severity: 'warning',
    message: () => 'neither a file nor a directory; it is left out',
    explanation: 'Nodes are directories and properties are files. Sockets, pipes and devices are not opened.',
  }),
  'changed-while-read': diagnostic<{ sizeBytes: number; readBytes: number }>({
    severity: 'warning',
    message: ({ sizeBytes, readBytes }) =>
      `the property should be ${sizeBytes} bytes long, but only ${readBytes} could be read`,
    explanation: 'The file became shorter, or its file system tells sizes that are not so.',
  }),
  'too-large': diagnostic<{ limitBytes: number }>({
    severity: 'error',
    message: ({ limitBytes }) => `the properties are larger than ${formatSize(limitBytes)} in all`,
    hint: () => 'is this the right directory?',
    explanation: 'No device tree is so large: Linux takes blobs of up to 2 MiB.',
  }),
  'too-many': diagnostic<{ limit: number }>({
    severity: 'error',
    message: ({ limit }) => `there are more than ${limit} nodes and properties`,
    hint: () => 'is this the right directory?',
    explanation: 'No device tree has so many: Linux takes blobs of up to 2 MiB.',
  }),
  'odd-name': diagnostic<{ what: string }>({
    severity: 'warning',
    message: ({ what }) => `the name of the ${what} has characters that device tree source can't write`,
    explanation:
      'Names are of letters, digits and ,._+-@ for nodes, ,._+-?# for properties (DTSpec 0.4 §2.2.1, §2.2.4.1). Linux puts # and a number behind a name that is there twice.',
  }),
  'name-property-differs': diagnostic<{ node: string }>({
    severity: 'warning',
    message: ({ node }) => `the property "name" of ${node} is not the node's name`,
    explanation:
      "Linux adds the property to every node; it is dropped where it repeats the node's name, as dtc does, and kept where it does not.",
  }),
});
