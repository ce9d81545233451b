/** The nodes as rows of which only those in sight are there, so that a thousand scroll like ten. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { BoardNode } from '../../worker/board-picture.ts';

const ROW_PX = 24;
/** Beyond the window's ends. */
const SPARE_ROWS = 8;
const FIRST_HEIGHT_PX = 800;

interface Props {
  readonly nodes: readonly BoardNode[];
  readonly chosen: string | undefined;
  /** Indented by depth, and by their names alone. */
  readonly isTree: boolean;
  readonly onChoose: (path: string) => void;
}

export function NodeList({ nodes, chosen, isTree, onChoose }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const heightPx = useSignal(FIRST_HEIGHT_PX);
  const at = nodes.findIndex(({ path }) => path === chosen);
  useEffect(() => {
    const frame = element.current;
    if (frame === null) return;
    const observer = new ResizeObserver(() => {
      heightPx.value = frame.clientHeight;
    });
    observer.observe(frame);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    const frame = element.current;
    if (frame === null || at < 0) return;
    const y = at * ROW_PX;
    if (y < frame.scrollTop || y + ROW_PX > frame.scrollTop + frame.clientHeight)
      frame.scrollTop = y - frame.clientHeight / 2;
  }, [at]);
  const from = Math.max(0, Math.floor(top.value / ROW_PX) - SPARE_ROWS);
  const to = Math.min(nodes.length, Math.ceil((top.value + heightPx.value) / ROW_PX) + SPARE_ROWS);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextRow(event.key, at, nodes.length, Math.floor(heightPx.value / ROW_PX));
    const node = next === undefined ? undefined : nodes[next];
    if (node === undefined) return;
    event.preventDefault();
    onChoose(node.path);
  };
  return (
    <div
      class="node-list"
      ref={element}
      role="listbox"
      tabIndex={0}
      aria-label="Nodes of the tree"
      aria-activedescendant={at >= from && at < to ? `node-${at}` : undefined}
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget }) => {
        top.value = currentTarget.scrollTop;
      }}
    >
      <div role="presentation" style={{ height: `${nodes.length * ROW_PX}px`, position: 'relative' }}>
        {nodes.slice(from, to).map((node, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list itself takes the keys.
          <div
            key={node.path}
            id={`node-${from + index}`}
            class={node.isEnabled ? 'row' : 'row off'}
            role="option"
            tabIndex={-1}
            aria-selected={from + index === at}
            aria-setsize={nodes.length}
            aria-posinset={from + index + 1}
            style={{
              top: `${(from + index) * ROW_PX}px`,
              height: `${ROW_PX}px`,
              paddingLeft: `${10 + (isTree ? node.depth * 14 : 0)}px`,
            }}
            onClick={() => onChoose(node.path)}
          >
            <span class="data">{isTree ? node.name : node.path}</span>
            <span class="quiet">{node.isEnabled ? markOf(node) : 'disabled'}</span>
          </div>
        ))}
      </div>
    </div>
  );
}

function markOf({ decisions }: BoardNode): string {
  return [...new Set(decisions.map(({ kind }) => kind))].join(', ');
}

function nextRow(key: string, at: number, count: number, pageRows: number): number | undefined {
  const last = count - 1;
  const bounded = (row: number): number => Math.min(last, Math.max(0, row));
  switch (key) {
    case 'ArrowDown':
      return bounded(at + 1);
    case 'ArrowUp':
      return bounded(at - 1);
    case 'PageDown':
      return bounded(at + pageRows);
    case 'PageUp':
      return bounded(at - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
