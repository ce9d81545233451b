/**
 * What lies beyond a board in a test: a router on the machine's wire, and behind it a server that takes every connection and keeps what comes,
 * in the machine's own time, so that a run is the same each time.
 */
import type { HostConnection, HostConnectionEvents } from '../../src/base/index.ts';
import { UserNetwork } from '../../src/usernet/index.ts';
import { type PlayedConnection, PlayedNetwork } from './played-network.ts';
import type { ProjectRun } from './project-run.ts';

/** How long the server is on its way. */
const AWAY_NS = 1_000_000;

class AnsweringNetwork extends PlayedNetwork {
  readonly #run: ProjectRun;

  constructor(run: ProjectRun) {
    super();
    this.#run = run;
  }

  override connect(
    host: string,
    port: number,
    events: HostConnectionEvents & { onOpen(): void },
  ): HostConnection {
    const connection = super.connect(host, port, events);
    const { clock } = this.#run.session.machine.time;
    clock.alarm(() => events.onOpen()).set(clock.nowNs + AWAY_NS);
    return connection;
  }
}

/** Puts the router at the machine's wire; its connections are those that guests have made, in their order. */
export function outsideOf(run: ProjectRun): { readonly connections: readonly PlayedConnection[] } {
  const network = new AnsweringNetwork(run);
  const { machine } = run.session;
  new UserNetwork({
    port: machine.wire.connectVisitor(),
    clock: machine.time.clock,
    host: { network },
    onChange: () => {},
  });
  return network;
}
