/** Open: what a session begins with. */
import { useSignal } from '@preact/signals';
import { boot } from '../../session/run.ts';
import { openPayloadBoard, payload, progress } from '../../session/session.ts';
import type { PayloadBoard } from '../../worker/protocol.ts';
import type { View } from '../view.ts';
import './open.css';
import { OwnFiles } from './own-files.tsx';

export const OPEN_VIEW: View = { id: 'open', title: 'Open', component: Open, isAvailable: () => true };

/** The board of the document that the project implements. */
const FIRST_BOARD = 'meson-sm1-odroid-c4.dtb';
/** More are found by searching on. */
const SHOWN_BOARDS = 200;

function Open() {
  return (
    <div class="open">
      <div class="ways">
        <Beginning />
        <OwnFiles />
      </div>
      <Boards />
    </div>
  );
}

function nameOf({ model, path }: PayloadBoard): string {
  return model ?? path.slice(path.lastIndexOf('/') + 1);
}

function Beginning() {
  const board = payload.value?.boards.find(({ path }) => path.endsWith(FIRST_BOARD));
  const start = async () => {
    if (board !== undefined && (await openPayloadBoard(board.path, nameOf(board)))) await boot();
  };
  return (
    <section class="beginning">
      <h1>A driver VM, from a board's device tree to a shell</h1>
      <p class="quiet">
        Plan which registers, interrupts and memory a Linux guest gets on seL4's Microkit, write the project,
        check it, and boot it on a simulated board. All of it in this page: files never leave it.
      </p>
      {payload.value === null ? (
        <Missing />
      ) : (
        <p>
          <button
            class="primary"
            type="button"
            disabled={board === undefined || progress.value !== ''}
            onClick={start}
          >
            Boot the Odroid C4's driver VM
          </button>
        </p>
      )}
    </section>
  );
}

function Missing() {
  return (
    <div class="panel missing">
      <p>There is no payload beside this page: no boards to choose from, and no kernel to boot.</p>
      <pre>npx drivervm payload debian -o examples/payload</pre>
      <p>
        fetches Debian's arm64 kernel, the trees of all its boards and a small ramdisk. Then reload the page.
      </p>
    </div>
  );
}

function Boards() {
  const search = useSignal('');
  const boards = payload.value?.boards ?? [];
  if (boards.length === 0) return undefined;
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = boards.filter(({ path, model, compatible }) => {
    const text = `${path} ${model ?? ''} ${compatible.join(' ')}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  return (
    <section class="panel boards" aria-labelledby="boards-title">
      <header>
        <h2 id="boards-title">Boards</h2>
        <input
          type="search"
          aria-label="Search boards"
          placeholder={`${boards.length} boards: model, chip or file`}
          value={search.value}
          onInput={({ currentTarget }) => {
            search.value = currentTarget.value;
          }}
        />
        <span class="quiet data" role="status">
          {found.length}
        </span>
      </header>
      <ul>
        {found.slice(0, SHOWN_BOARDS).map((board) => (
          <li key={board.path}>
            <button
              class="plain"
              type="button"
              disabled={progress.value !== ''}
              onClick={() => openPayloadBoard(board.path, nameOf(board))}
            >
              <span class="model">{nameOf(board)}</span>
              <span class="data quiet">{board.compatible.at(-1)}</span>
              <span class="data quiet file">{board.path.replace(/^dtbs\//, '')}</span>
            </button>
          </li>
        ))}
      </ul>
      {found.length > SHOWN_BOARDS ? (
        <p class="quiet more">{found.length - SHOWN_BOARDS} more: search on</p>
      ) : undefined}
    </section>
  );
}
