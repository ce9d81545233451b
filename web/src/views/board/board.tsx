/** Board: the tree, searched and walked; of each node what it has, what it needs, who needs it, and what the plan makes of it and why. */
import { useSignal } from '@preact/signals';
import { addressOf, goTo, place } from '../../session/navigation.ts';
import { pictures } from '../../session/session.ts';
import type { BoardNode, NodeReference } from '../../worker/board-picture.ts';
import { SearchBox } from '../search-box.tsx';
import type { View } from '../view.ts';
import './board.css';
import { NodeGraph } from './graph.tsx';
import { matches } from './matches.ts';
import { NodeList } from './node-list.tsx';

export const BOARD_VIEW: View = {
  id: 'board',
  title: 'Board',
  component: BoardView,
  isAvailable: () => pictures.value !== undefined,
};

function BoardView() {
  const { node: wanted, search: first = '' } = place.value.parameters;
  const search = useSignal(first);
  const board = pictures.value?.board;
  if (board === undefined) return undefined;
  const found = board.nodes.filter((node) => matches(node, search.value));
  const chosen = board.nodes.find(({ path }) => path === wanted) ?? (first === '' ? undefined : found[0]);
  return (
    <div class="board-view">
      <h1 class="visually-hidden">Board</h1>
      <section class="panel nodes" aria-label="Nodes">
        <header>
          <SearchBox
            search={search}
            name="Search the tree"
            looksFor="path, label, compatible, address, INTID"
          />
          <span class="quiet data" role="status">
            {found.length} of {board.nodes.length}
          </span>
        </header>
        <NodeList
          nodes={found}
          chosen={chosen?.path}
          isTree={search.value === ''}
          onChoose={(path) => goTo('board', { node: path })}
        />
      </section>
      {chosen === undefined ? (
        <p class="quiet none">Choose a node. {board.devices} of them are devices.</p>
      ) : (
        <Node key={chosen.path} node={chosen} />
      )}
    </div>
  );
}

function Node({ node }: { readonly node: BoardNode }) {
  const {
    path,
    name,
    labels,
    compatible,
    status,
    isEnabled,
    registers,
    problems,
    interrupts,
    coTenants,
    decisions,
  } = node;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
    <section class="node" tabIndex={0} aria-label={path}>
      <h2 class="name data">{name}</h2>
      <p class="data quiet">{path}</p>
      <dl>
        <Fact name="Labels" lines={labels} />
        <Fact name="Compatible" lines={compatible} />
        <Fact
          name="Status"
          lines={
            status === '' ? [] : [isEnabled || status !== 'okay' ? status : 'okay, below a node that is not']
          }
        />
        <Fact name="Registers" lines={[...registers.map(({ text }) => text), ...problems]} />
        <Fact name="Interrupts" lines={interrupts} />
      </dl>
      {decisions.length === 0 ? undefined : (
        <>
          <h3>In the plan</h3>
          <ul class="decisions">
            {decisions.map(({ kind, text }) => (
              <li key={text}>
                <span class="kind">{kind}</span> {text}
              </li>
            ))}
          </ul>
        </>
      )}
      <Nodes name="On its pages" nodes={coTenants.map((other) => ({ path: other, why: '' }))} />
      <NodeGraph node={node} />
      <Nodes name="Needs" nodes={node.needs} />
      <Nodes name="Needed by" nodes={node.neededBy} />
    </section>
  );
}

function Fact({ name, lines }: { readonly name: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return undefined;
  return (
    <>
      <dt>{name}</dt>
      <dd class="data">
        {lines.map((line, index) => (
          <div key={`${index} ${line}`}>{line}</div>
        ))}
      </dd>
    </>
  );
}

function Nodes({ name, nodes }: { readonly name: string; readonly nodes: readonly NodeReference[] }) {
  if (nodes.length === 0) return undefined;
  return (
    <>
      <h3>
        {name} <span class="quiet">{nodes.length}</span>
      </h3>
      <ul class="references">
        {nodes.map(({ path, why }) => (
          <li key={`${path} ${why}`}>
            <a class="data" href={addressOf('board', { node: path })}>
              {path}
            </a>{' '}
            <span class="quiet">{why}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
