/** What the run has come to so far: faults as cards, devices touched, interrupts. */
import type { RunAccount } from '../../../../src/run/index.ts';
import { account, applyAndBoot, findings } from '../../session/run.ts';
import { DiagnosticList } from '../diagnostic-list.tsx';

export function Account() {
  const now = account.value;
  return (
    <>
      <DiagnosticList
        diagnostics={findings.value}
        apply={applyAndBoot}
        applyWords="Change the request and boot again"
      />
      {now === undefined ? undefined : (
        <>
          <Devices account={now} />
          <Interrupts account={now} />
        </>
      )}
    </>
  );
}

interface Touched {
  readonly device: string;
  readonly pages: number;
}

function touchedDevices({ regions }: RunAccount): readonly Touched[] {
  const pages = new Map<string, number>();
  for (const { touched } of regions)
    for (const { devices } of touched) {
      const device = devices.at(-1);
      if (device !== undefined) pages.set(device, (pages.get(device) ?? 0) + 1);
    }
  return [...pages].map(([device, count]) => ({ device, pages: count }));
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function Devices({ account: now }: { readonly account: RunAccount }) {
  const touched = touchedDevices(now);
  if (touched.length === 0) return undefined;
  return (
    <section class="panel">
      <header>
        <h2>Devices touched</h2>
        <span class="data quiet">{touched.length}</span>
      </header>
      <table>
        <tbody>
          {touched.map(({ device, pages }) => (
            <tr key={device}>
              <td class="data" title={device}>
                {nameOf(device)}
              </td>
              <td class="number quiet">{pages === 1 ? '1 page' : `${pages} pages`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Interrupts({ account: { interrupts, silentInterrupts } }: { readonly account: RunAccount }) {
  if (interrupts.length + silentInterrupts.length === 0) return undefined;
  return (
    <section class="panel">
      <header>
        <h2>Interrupts</h2>
        <span class="data quiet">
          {interrupts.length} of {interrupts.length + silentInterrupts.length} came
        </span>
      </header>
      <table>
        <thead>
          <tr>
            <th class="number">INTID</th>
            <th>Device</th>
            <th class="number">Count</th>
          </tr>
        </thead>
        <tbody>
          {interrupts.map(({ intid, device, count }) => (
            <tr key={intid}>
              <td class="number">{intid}</td>
              <td class="data" title={device}>
                {device === undefined ? '' : nameOf(device)}
              </td>
              <td class="number">{count}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
