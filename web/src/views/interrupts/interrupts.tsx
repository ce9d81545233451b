/** Interrupts: what goes where, and how many of each domain's ids are taken. */
import { useSignal } from '@preact/signals';
import { addressOf } from '../../session/navigation.ts';
import { pictures } from '../../session/session.ts';
import { Drawn } from '../drawn.tsx';
import { SearchBox } from '../search-box.tsx';
import type { View } from '../view.ts';
import './interrupts.css';

export const INTERRUPTS_VIEW: View = {
  id: 'interrupts',
  title: 'Interrupts',
  component: InterruptsView,
  isAvailable: () => pictures.value !== undefined,
};

function InterruptsView() {
  const search = useSignal('');
  const table = pictures.value?.interrupts;
  if (table === undefined) return undefined;
  const word = search.value.trim().toLowerCase();
  const rows = table.rows.filter(({ name, domain, guest, devices, channel, trigger }) =>
    `${name} ${domain} ${guest ?? ''} ${devices.join(' ')} ${channel} ${trigger}`
      .toLowerCase()
      .includes(word),
  );
  return (
    <div class="interrupts-view">
      <h1 class="visually-hidden">Interrupts</h1>
      <Drawn picture={table.drawn} name="Ids of each domain" />
      <section class="panel" aria-label="Interrupts">
        <header>
          <h2>Interrupts</h2>
          <SearchBox search={search} name="Search interrupts" looksFor="number, device or domain" />
          <span class="quiet data" role="status">
            {rows.length} of {table.rows.length}
          </span>
        </header>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
        <section class="rows" tabIndex={0} aria-label="Table of interrupts">
          <table>
            <thead>
              <tr>
                <th scope="col">INTID</th>
                <th scope="col">SPI</th>
                <th scope="col">Trigger</th>
                <th scope="col">Domain</th>
                <th scope="col">Guest</th>
                <th scope="col">Channel</th>
                <th scope="col">Raised by</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ intid, spi, trigger, domain, guest, channel, devices }) => (
                <tr key={`${domain} ${channel} ${intid}`}>
                  <td class="data">
                    <a href={addressOf('board', { search: intid })}>{intid}</a>
                  </td>
                  <td class="data">{spi}</td>
                  <td>{trigger}</td>
                  <td class="data">{domain}</td>
                  <td class="data">{guest}</td>
                  <td class="data">{channel}</td>
                  <td class="data">{devices.join(', ')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </section>
    </div>
  );
}
