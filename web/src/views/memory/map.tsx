/** The map itself: what of the layers is in the window, drawn to scale, with each guest's view beside it. */
import { useEffect, useRef } from 'preact/hooks';
import {
  type AddrRange,
  formatSize,
  rangeEnd,
  rangesOverlap,
  SMALL_PAGE_BYTES,
} from '../../../../src/base/index.ts';
import type { GuestView, MemorySpan, PhysicalMemory } from '../../../../src/picture/index.ts';
import { ownerClass } from '../../../../src/picture/palette.ts';
import { moved, type Shown, ticksOf, zoomed } from './window.ts';

const AXIS_PX = 112;
const BOARD_PX = 64;
const REGION_PX = 240;
const CONTENT_PX = 120;
const GAP_PX = 28;
const GUEST_PX = 220;
const LABEL_PX = 14;
/** Pages are drawn where they are so high. */
const PAGE_LINES_PX = 6;
const ZOOM_STEP = 1.35;

interface Props {
  readonly memory: PhysicalMemory;
  readonly guest: GuestView | undefined;
  readonly shown: Shown;
  readonly limit: number;
  readonly heightPx: number;
  readonly selected: string | undefined;
  readonly onShow: (shown: Shown) => void;
  readonly onSelect: (span: MemorySpan) => void;
  readonly onResize: (heightPx: number) => void;
}

export function MemoryMap({
  memory,
  guest,
  shown,
  limit,
  heightPx,
  selected,
  onShow,
  onSelect,
  onResize,
}: Props) {
  const element = useRef<HTMLDivElement>(null);
  const current = useRef(shown);
  current.current = shown;
  useEffect(() => {
    const frame = element.current;
    if (frame === null) return;
    const observer = new ResizeObserver(() => onResize(frame.clientHeight));
    observer.observe(frame);
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const at = (event.clientY - frame.getBoundingClientRect().top) / frame.clientHeight;
      current.current = event.shiftKey
        ? moved(current.current, event.deltaY / frame.clientHeight, limit)
        : zoomed(current.current, 2 ** (event.deltaY / 300), at, limit);
      onShow(current.current);
    };
    // As a listener of its own, since the page must not scroll meanwhile.
    frame.addEventListener('wheel', onWheel, { passive: false });
    return () => {
      observer.disconnect();
      frame.removeEventListener('wheel', onWheel);
    };
  }, [limit]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = keyed(event.key, shown, limit);
    if (next === undefined) return;
    event.preventDefault();
    onShow(next);
  };
  const yOf = (address: number): number =>
    Math.min(heightPx + 20, Math.max(-20, ((address - shown.from) / shown.size) * heightPx));
  const isShown = (range: AddrRange): boolean => rangesOverlap(range, { base: shown.from, size: shown.size });
  const visible = memory.spans.filter(({ range }) => isShown(range));
  const pagePx = (SMALL_PAGE_BYTES / shown.size) * heightPx;
  const guestX = AXIS_PX + BOARD_PX + REGION_PX + CONTENT_PX + GAP_PX;
  const widthPx = guestX + (guest === undefined ? 0 : GUEST_PX);
  return (
    <div
      class="map"
      ref={element}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved and zoomed by keys.
      tabIndex={0}
      aria-label="Map of physical memory: plus and minus zoom, arrows move"
      onKeyDown={onKeyDown}
    >
      <svg class="picture" width={widthPx} height={heightPx} aria-hidden="true">
        <defs>
          <pattern
            id="shared-page"
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect class="hatch" width="2" height="6" />
          </pattern>
        </defs>
        {ticksOf(shown, heightPx)
          .filter((address) => yOf(address) > 8 && yOf(address) < heightPx - 8)
          .map((address) => (
            <g key={address}>
              <line class="tick" x1={AXIS_PX - 6} x2={widthPx} y1={yOf(address)} y2={yOf(address)} />
              <text class="note" x={AXIS_PX - 10} y={yOf(address) + 4} text-anchor="end">
                {`0x${address.toString(16).padStart(8, '0')}`}
              </text>
            </g>
          ))}
        {visible.map((span) => (
          <Span
            key={`${span.layer} ${span.name} ${span.range.base}`}
            span={span}
            memory={memory}
            top={yOf(span.range.base)}
            bottom={yOf(rangeEnd(span.range))}
            isSelected={span.name === selected}
            yOf={yOf}
            isShown={isShown}
            onSelect={onSelect}
          />
        ))}
        {pagePx >= PAGE_LINES_PX ? <PageLines shown={shown} yOf={yOf} /> : undefined}
        {guest?.maps
          .filter(({ ipa }) => isShown(ipa))
          .map(({ ipa, region, perms, physicalBase, cached }) => {
            const [top, bottom] = [yOf(ipa.base), yOf(rangeEnd(ipa))];
            const where =
              physicalBase === undefined
                ? 'placed by Microkit'
                : physicalBase === ipa.base
                  ? '1:1'
                  : `at 0x${physicalBase.toString(16)}`;
            return (
              <g key={`${region} ${ipa.base}`}>
                <title>{`${region}: ${perms}${cached ? '' : ', uncached'}, ${where}`}</title>
                <rect
                  class={`span ${ownerClass(memory.owners.indexOf(guest.guest))}`}
                  x={guestX}
                  y={top}
                  width={GUEST_PX}
                  height={Math.max(1, bottom - top)}
                />
                <Label
                  x={guestX + 6}
                  top={top}
                  bottom={bottom}
                  text={`${region} ${perms} ${where}`}
                  characters={29}
                />
              </g>
            );
          })}
      </svg>
    </div>
  );
}

function keyed(key: string, shown: Shown, limit: number): Shown | undefined {
  switch (key) {
    case '+':
    case '=':
      return zoomed(shown, 1 / ZOOM_STEP, 0.5, limit);
    case '-':
      return zoomed(shown, ZOOM_STEP, 0.5, limit);
    case 'ArrowDown':
      return moved(shown, 0.1, limit);
    case 'ArrowUp':
      return moved(shown, -0.1, limit);
    case 'PageDown':
      return moved(shown, 0.8, limit);
    case 'PageUp':
      return moved(shown, -0.8, limit);
    case 'Home':
    case '0':
      return { from: 0, size: limit };
    default:
      return undefined;
  }
}

interface SpanProps {
  readonly span: MemorySpan;
  readonly memory: PhysicalMemory;
  readonly top: number;
  readonly bottom: number;
  readonly isSelected: boolean;
  readonly yOf: (address: number) => number;
  readonly isShown: (range: AddrRange) => boolean;
  readonly onSelect: (span: MemorySpan) => void;
}

const LAYERS = {
  board: { x: AXIS_PX, widthPx: BOARD_PX, characters: 7 },
  region: { x: AXIS_PX + BOARD_PX, widthPx: REGION_PX, characters: 31 },
  content: { x: AXIS_PX + BOARD_PX + REGION_PX, widthPx: CONTENT_PX, characters: 15 },
} as const;

function Span({ span, memory, top, bottom, isSelected, yOf, isShown, onSelect }: SpanProps) {
  const { x, widthPx, characters } = LAYERS[span.layer];
  const heightPx = Math.max(1, bottom - top);
  const shares = span.layer === 'board' || span.owners.length === 0 ? [''] : span.owners;
  const kind = span.layer === 'board' ? (span.kind === 'ram' ? 'ram' : 'kept') : undefined;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list beside the map does the same by keyboard.
    <g class={isSelected ? 'chosen' : undefined} onClick={() => onSelect(span)}>
      <title>{`${span.name}, ${formatSize(span.range.size)}\n${span.notes.join('\n')}`}</title>
      {shares.map((owner, index) => (
        <rect
          key={owner}
          class={`span ${kind ?? ownerClass(memory.owners.indexOf(owner))}`}
          x={x + (index * widthPx) / shares.length}
          y={top}
          width={widthPx / shares.length}
          height={heightPx}
        />
      ))}
      {span.coTenantPages.filter(isShown).map(({ base, size }, index) => (
        <rect
          key={`${base} ${index}`}
          class="shared-page"
          fill="url(#shared-page)"
          x={x}
          y={yOf(base)}
          width={widthPx}
          height={Math.max(1, yOf(base + size) - yOf(base))}
        />
      ))}
      {/* What lies in RAM would stand over its name. */}
      {span.kind === 'ram' ? undefined : (
        <Label x={x + 6} top={top} bottom={bottom} text={span.name} characters={characters} />
      )}
    </g>
  );
}

/** A name where there is room for it, at the top of what is shown of its rectangle. */
function Label({
  x,
  top,
  bottom,
  text,
  characters,
}: {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
  readonly text: string;
  readonly characters: number;
}) {
  const from = Math.max(0, top);
  if (bottom - from < LABEL_PX) return undefined;
  const shown = text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
  return (
    <text x={x} y={from + 11}>
      {shown}
    </text>
  );
}

function PageLines({ shown, yOf }: { readonly shown: Shown; readonly yOf: (address: number) => number }) {
  const lines: number[] = [];
  for (
    let at = Math.ceil(shown.from / SMALL_PAGE_BYTES) * SMALL_PAGE_BYTES;
    at <= shown.from + shown.size;
    at += SMALL_PAGE_BYTES
  )
    lines.push(at);
  return (
    <path
      class="page-lines"
      d={lines.map((at) => `M${AXIS_PX} ${yOf(at)}H${AXIS_PX + BOARD_PX + REGION_PX + CONTENT_PX}`).join('')}
    />
  );
}
