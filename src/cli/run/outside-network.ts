/** A run's way out by `--net user`: the router on its wire, opened before the run and closed after it. */
import { type Host, type Wake, wakeUp } from '../../base/index.ts';
import type { Session } from '../../run/index.ts';
import { UserNetwork } from '../../usernet/index.ts';
import type { RunOptions } from './options.ts';

/** `undefined` where none is asked for. Rejects with `HostError` where a forwarded port can't be had. */
export async function openOutsideNetwork(
  host: Host,
  { machine }: Session,
  { net }: RunOptions,
  wake: Wake,
  say: (text: string) => void,
): Promise<UserNetwork | undefined> {
  const { network } = host;
  if (net === undefined || network === undefined) return undefined;
  const router = new UserNetwork(
    {
      port: machine.wire.connectVisitor(),
      clock: machine.time.clock,
      host: { network, ...(host.listen === undefined ? {} : { listen: host.listen }) },
      onChange: () => wakeUp(wake),
    },
    net,
  );
  try {
    for (const sentence of await router.open()) say(`drivervm: ${sentence}\n`);
  } catch (error) {
    router.close();
    throw error;
  }
  return router;
}
