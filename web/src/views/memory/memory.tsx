/** Physical memory, drawn to the page: from all of it to single pages, with what each guest sees beside it; and of everything where it comes from. */
import { useSignal } from '@preact/signals';
import { formatSize, hex, rangeEnd } from '../../../../src/base/index.ts';
import type { MemorySpan } from '../../../../src/picture/index.ts';
import { ownerClass, PICTURE_CSS } from '../../../../src/picture/palette.ts';
import { addressOf, place } from '../../session/navigation.ts';
import { opened, pictures, text } from '../../session/session.ts';
import type { Pictures } from '../../worker/pictures.ts';
import type { View } from '../view.ts';
import { MemoryMap } from './map.tsx';
import './memory.css';
import { around, type Shown } from './window.ts';

export const MEMORY_VIEW: View = {
  id: 'memory',
  title: 'Memory',
  component: MemoryView,
  isAvailable: () => pictures.value !== undefined,
};

const FIRST_HEIGHT_PX = 600;

function MemoryView() {
  const found = pictures.value;
  const wanted = place.value.parameters['region'];
  const heightPx = useSignal(FIRST_HEIGHT_PX);
  const chosen = useSignal<string | undefined>(wanted);
  const guestName = useSignal<string | undefined>(undefined);
  const memory = found?.memory;
  const limit = Math.max(0x1_0000, ...(memory?.spans ?? []).map(({ range }) => rangeEnd(range)));
  const asked = memory?.spans.find(({ name }) => name === wanted);
  const window = useSignal<Shown>(
    asked === undefined ? { from: 0, size: limit } : around(asked.range, limit),
  );
  if (found === undefined || memory === undefined) return undefined;
  const guest = memory.guests.find(({ guest: name }) => name === guestName.value) ?? memory.guests[0];
  const span = memory.spans.find(({ name }) => name === chosen.value);
  const select = ({ name }: MemorySpan): void => {
    chosen.value = name;
  };
  return (
    <div class="memory-view">
      <h1 class="visually-hidden">Physical memory</h1>
      <style>{PICTURE_CSS}</style>
      <MemoryMap
        memory={memory}
        guest={guest}
        shown={window.value}
        limit={limit}
        heightPx={heightPx.value}
        selected={chosen.value}
        onShow={(shown) => {
          window.value = shown;
        }}
        onSelect={select}
        onResize={(px) => {
          heightPx.value = px;
        }}
      />
      <div class="side">
        <div class="tools">
          <button type="button" onClick={() => (window.value = { from: 0, size: limit })}>
            All of it
          </button>
          {memory.guests.length > 1 ? (
            <label>
              Beside it what{' '}
              <select
                value={guest?.guest ?? ''}
                onChange={({ currentTarget }) => {
                  guestName.value = currentTarget.value;
                }}
              >
                {memory.guests.map(({ guest: name }) => (
                  <option key={name}>{name}</option>
                ))}
              </select>{' '}
              sees
            </label>
          ) : guest === undefined ? undefined : (
            <span class="quiet">Beside it what {guest.guest} sees</span>
          )}
        </div>
        <ul class="owners picture" aria-label="Owners">
          {memory.owners.map((owner, index) => (
            <li key={owner}>
              <svg width="14" height="14" aria-hidden="true">
                <rect class={`span ${ownerClass(index)}`} width="14" height="14" />
              </svg>
              {owner}
            </li>
          ))}
        </ul>
        {span === undefined ? (
          <p class="quiet">Choose a region. Wheel or + and − zoom, arrows move, 0 shows all.</p>
        ) : (
          <Details span={span} found={found} />
        )}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
        <section class="spans" tabIndex={0} aria-label="Everything in the order of addresses">
          {[...memory.spans]
            .sort((a, b) => a.range.base - b.range.base)
            .map((each) => (
              <button
                key={`${each.layer} ${each.name} ${each.range.base}`}
                class="plain"
                type="button"
                aria-pressed={each.name === chosen.value}
                onClick={() => {
                  select(each);
                  window.value = around(each.range, limit);
                }}
              >
                <span class="data">{`0x${each.range.base.toString(16).padStart(8, '0')}`}</span>
                <span class="what">{each.name}</span>
                <span class="quiet">{formatSize(each.range.size)}</span>
              </button>
            ))}
        </section>
      </div>
    </div>
  );
}

/** What one stretch of memory is, and the ways to where it comes from. */
function Details({ span, found }: { readonly span: MemorySpan; readonly found: Pictures }) {
  const { name, range, notes, owners, kind } = span;
  const written = found.regionPlaces[name];
  const devices = kind === 'region' ? (found.regionDevices[name] ?? []) : [];
  const asked = requestLine(found, devices);
  return (
    <section class="panel details" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span class="quiet">{formatSize(range.size)}</span>
      </header>
      <p class="data">
        {hex(range.base)} to {hex(rangeEnd(range))}
      </p>
      {owners.length > 1 ? <p>Shared by {owners.join(', ')}</p> : undefined}
      <ul>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </ul>
      <p class="links">
        {written === undefined ? undefined : (
          <a href={addressOf('request', { file: written.file, line: written.line })}>
            {written.file}:{written.line}
          </a>
        )}
        {asked === undefined ? undefined : (
          <a href={addressOf('request', { line: asked })}>request, line {asked}</a>
        )}
        {devices.map((path) => (
          <a key={path} href={addressOf('board', { node: path })}>
            {path.slice(path.lastIndexOf('/') + 1)}
          </a>
        ))}
      </p>
    </section>
  );
}

/** The line that asked for one of the devices, where the session is a request. */
function requestLine(found: Pictures, devices: readonly string[]): number | undefined {
  if (opened.value?.kind !== 'request') return undefined;
  const selectors = found.board.nodes
    .filter(({ path }) => devices.includes(path))
    .flatMap(({ decisions }) => decisions.flatMap(({ selector }) => selector ?? []));
  const lines = text.value.split('\n');
  for (const selector of selectors) {
    const line = lines.findIndex(
      (each) => each.replace(/#.*/, '').includes(selector) && !/^\s*(?:name|kernel|initrd):/.test(each),
    );
    if (line >= 0) return line + 1;
  }
  return undefined;
}
