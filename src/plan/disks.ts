/** What is in the board's storage devices under `drivervm run`: each image with the one device that its selector names. */
import type { DiagnosticSink } from '../base/index.ts';
import type { Board } from '../devicetree/index.ts';
import { planCodes as codes } from './diagnostics.ts';
import type { DiskPlan } from './plan.ts';
import type { DiskRequest } from './request/index.ts';
import { select } from './selectors.ts';

export function planDisks(
  board: Board,
  disks: readonly DiskRequest[],
  sink: DiagnosticSink,
): readonly DiskPlan[] {
  const owner = 'disks';
  return disks.flatMap(({ device: selector, places, image, mode }) => {
    const place = places?.get(selector);
    const { devices, meant } = select(board, selector);
    const enabled = devices.filter(({ status }) => status.enabled);
    const [only, ...others] = enabled;
    const [first] = devices;
    if (first === undefined) {
      const noLabels = selector.startsWith('&') && board.labels.size === 0;
      sink.report(codes['no-such-device'].at(place, { selector, owner, meant, noLabels }));
    } else if (only === undefined) {
      sink.report(codes['device-disabled'].at(place, { selector, owner, path: first.path }));
    } else if (others.length > 0) {
      const paths = enabled.map(({ path }) => path);
      sink.report(codes['disk-for-several'].at(place, { selector, image, paths }));
    } else {
      return [{ device: only.path, image, ...(mode === undefined ? {} : { mode }) }];
    }
    return [];
  });
}
