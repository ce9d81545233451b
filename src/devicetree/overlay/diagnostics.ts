/** Why an overlay does not apply. */
import { declareDiagnostics, diagnostic } from '../../base/index.ts';

/** What applying an overlay reports (`overlay/…`). */
export const overlayCodes = declareDiagnostics('overlay', {
  'not-an-overlay': diagnostic({
    severity: 'error',
    message: () => 'not an overlay: no node below the root has a child "__overlay__"',
    hint: () => 'a whole tree is a base; an overlay is compiled from a source that says /plugin/',
    explanation:
      'Each fragment of an overlay is a node with the child `__overlay__`, whose content is merged.',
  }),
  'ignored-node': diagnostic<{ node: string }>({
    severity: 'warning',
    message: ({ node }) => `${node} has no child "__overlay__", so nothing of it is applied`,
    explanation: 'Only what stands in the `__overlay__` of a fragment reaches the base tree.',
  }),
  'bad-fixup': diagnostic<{ symbol: string; entry: string }>({
    severity: 'error',
    message: ({ symbol, entry }) =>
      `the fixup of ${symbol} says "${entry}", which is not of the form path:property:offset`,
    hint: () => 'compile the overlay anew with dtc',
    explanation: '`__fixups__` lists, for each symbol of the base tree, the places that need its phandle.',
  }),
  'fixup-nowhere': diagnostic<{ symbol: string; place: string }>({
    severity: 'error',
    message: ({ symbol, place }) => `the fixup of ${symbol} is for ${place}, which the overlay does not have`,
    hint: () => 'compile the overlay anew with dtc',
    explanation: 'A fixup names a node, a property and an offset of four bytes within its value.',
  }),
  'unknown-symbol': diagnostic<{ symbol: string; place: string; baseHasSymbols: boolean }>({
    severity: 'error',
    message: ({ symbol, place }) => `${place} refers to ${symbol}, a symbol that the base tree does not have`,
    hint: ({ baseHasSymbols }) =>
      baseHasSymbols
        ? 'is this overlay for another board, or does another overlay have to be applied before it?'
        : 'the base tree has no symbols at all; compile it with dtc -@',
    explanation:
      'An overlay refers to nodes of the base tree by the labels of its source. The base keeps them in `/__symbols__` when it is compiled with `-@`.',
  }),
  'stale-symbol': diagnostic<{ symbol: string; path: string | undefined; place: string }>({
    severity: 'error',
    message: ({ symbol, path, place }) =>
      path === undefined
        ? `${place} refers to ${symbol}, a symbol that is not a path in the base tree`
        : `${place} refers to ${symbol}, a symbol for ${path} in the base tree, where no node is`,
    hint: () => 'was the node removed from the base tree after it was compiled?',
    explanation:
      "A property of the base tree's `/__symbols__` holds the path of the node that the symbol names.",
  }),
  'bad-local-fixup': diagnostic<{ place: string }>({
    severity: 'error',
    message: ({ place }) => `a local fixup is for ${place}, which the overlay does not have`,
    hint: () => 'compile the overlay anew with dtc',
    explanation:
      "`__local_fixups__` mirrors the overlay's nodes and says where its properties hold phandles of the overlay itself.",
  }),
  'bad-phandle': diagnostic<{ node: string; property: string }>({
    severity: 'error',
    message: ({ node, property }) => `the property ${property} of ${node} is not one cell`,
    explanation: 'A phandle is a number of 32 bits (DTSpec 0.4 §2.3.3).',
  }),
  'no-phandles-left': diagnostic<{ node: string }>({
    severity: 'error',
    message: ({ node }) => `there is no phandle left for ${node}`,
    hint: () => 'a phandle near 0xffffffff in the base tree or the overlay leaves no room for new ones',
    explanation:
      "The overlay's phandles are raised by the highest one of the base tree, so that they differ; the sum must stay below 0xffffffff.",
  }),
  'no-target': diagnostic<{ fragment: string }>({
    severity: 'error',
    message: ({ fragment }) => `${fragment} names no target: it has neither "target" nor "target-path"`,
    explanation: 'A fragment says by phandle or by path which node of the base tree it changes.',
  }),
  'target-not-found': diagnostic<{ fragment: string; reason: string; parameters: readonly string[] }>({
    severity: 'error',
    message: ({ fragment, reason }) => `${fragment} can't be applied: ${reason}`,
    hint: ({ parameters }) =>
      parameters.length > 0
        ? `its target is set by a parameter of the overlay: give ${parameters.join(' or ')}`
        : 'is this overlay for another board, or does another overlay have to be applied before it?',
    explanation:
      'Paths may begin with an alias; a name without a unit address is that of the first node which begins so. A target may also be what an earlier fragment brought.',
  }),
  'taken-for': diagnostic<{ name: string; node: string }>({
    severity: 'warning',
    message: ({ name, node }) => `the overlay's node "${name}" changes ${node}, which is not new`,
    hint: ({ name }) => `to add a node, give it a unit address, or another name than "${name}"`,
    explanation:
      'fdtoverlay and the boot loaders take a name without a unit address for the first node that begins so, and lay one over the other. Linux, which takes names whole, would add a node where it applies overlays itself.',
  }),
  'bad-symbol': diagnostic<{ symbol: string; reason: string }>({
    severity: 'error',
    message: ({ symbol, reason }) => `the overlay's symbol ${symbol} ${reason}`,
    hint: () => 'compile the overlay anew with dtc',
    explanation:
      "The overlay's own `__symbols__` become symbols of the merged tree, so that later overlays can use them.",
  }),
  'symbol-replaced': diagnostic<{ symbol: string; before: string; after: string }>({
    severity: 'warning',
    message: ({ symbol, before, after }) =>
      `the symbol ${symbol} was ${before} in the base tree; after this overlay it is ${after}`,
    explanation:
      'Overlays that are applied later find the node that the last one to use the name has given it.',
  }),
  'parameters-left': diagnostic<{ known: readonly string[] }>({
    severity: 'note',
    message: ({ known }) => `the overlay takes parameters, none of which is given: ${listed(known)}`,
    hint: () => 'to give some: OVERLAY:NAME=VALUE,NAME; as it lies, it has its defaults',
    explanation:
      'A Raspberry Pi overlay lists in `/__overrides__` what `dtoverlay=` and `dtparam=` can set in it. Without values its content is taken as it is.',
  }),
  'unknown-parameter': diagnostic<{ parameter: string; known: readonly string[] }>({
    severity: 'error',
    message: ({ parameter, known }) =>
      known.length === 0
        ? `there is no parameter ${parameter}, nor any other: the tree has no /__overrides__`
        : `there is no parameter ${parameter}; there are ${listed(known)}`,
    explanation:
      'A parameter is a property of `/__overrides__`, of the overlay or, where the overlay has none of that name, of the base tree.',
  }),
  'bad-parameter': diagnostic<{ parameter: string; reason: string }>({
    severity: 'error',
    message: ({ parameter, reason }) => `the parameter ${parameter} ${reason}`,
    explanation:
      'Each target of a parameter is a phandle and a string that says which property is set and how; the value must be of that kind.',
  }),
  'plugin-missing': diagnostic({
    severity: 'warning',
    message: () =>
      'the source has fragments of an overlay but does not say /plugin/; it is applied as an overlay',
    hint: () => 'write /plugin/; behind /dts-v1/;',
    explanation:
      'dtc before 1.7.1 leaves `/plugin/` out when it turns an overlay back into source. Read as a tree, it would only add a node called fragment@0.',
  }),
});

const NAMES_SHOWN = 12;

function listed(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
