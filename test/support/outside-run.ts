/**
 * What lies beyond a board in a test: a router on the machine's wire, and behind it a server that takes every connection and keeps what comes,
 * in the machine's own time, so that a run is the same each time.
 */
import type { HostConnection, HostConnectionEvents } from '../../src/base/index.ts';
import { UserNetwork } from '../../src/usernet/index.ts';
import { PlayedConnection, PlayedNetwork } from './played-network.ts';
import type { ProjectRun } from './project-run.ts';

/** How long the server is on its way. */
const AWAY_NS = 1_000_000;

/** Done as long after it was asked for as a word takes. */
type Later = (act: () => void) => void;

/** Ends when the guest has said all. */
class AnsweringConnection extends PlayedConnection {
  readonly #later: Later;

  constructor(later: Later, host: string, port: number, events: PlayedConnection['events']) {
    super(host, port, events);
    this.#later = later;
  }

  override close(): void {
    super.close();
    this.#later(() => this.events?.onEnd());
  }
}

class AnsweringNetwork extends PlayedNetwork {
  readonly #later: Later;

  constructor(later: Later) {
    super();
    this.#later = later;
  }

  override connect(
    host: string,
    port: number,
    events: HostConnectionEvents & { onOpen(): void },
  ): HostConnection {
    const connection = new AnsweringConnection(this.#later, host, port, events);
    this.connections.push(connection);
    this.#later(() => events.onOpen());
    return connection;
  }
}

/** The server's connections, oldest first, each with what came by it. */
export interface OutsideNetwork {
  readonly connections: readonly PlayedConnection[];
}

/** Puts the router at the machine's wire; its connections are those that guests have made, in their order. */
export function outsideOf(run: ProjectRun): OutsideNetwork {
  const { machine } = run.session;
  const { clock } = machine.time;
  const network = new AnsweringNetwork((act) => clock.alarm(act).set(clock.nowNs + AWAY_NS));
  new UserNetwork({
    port: machine.wire.connectVisitor(),
    clock: machine.time.clock,
    host: { network },
    onChange: () => {},
  });
  return network;
}
