/** A run's door for GDB: one client at a time, from outside the process. */
import { type Host, type HostListener, type Wake, wakeUp } from '../../base/index.ts';
import { isWrittenThrough } from '../../device/index.ts';
import { Files, Stub } from '../../gdb/index.ts';
import { writeSymbolFile } from '../../payload/index.ts';
import { Debugger } from '../../run/index.ts';
import { type Run, RunCommands, type RunInputs } from '../../workspace/index.ts';
import type { RunOptions } from './options.ts';

/** As QEMU's `-s`. */
const DEFAULT_GDB_ADDRESS = '127.0.0.1:1234';

export class GdbServer {
  readonly debugger: Debugger;
  /** The client wants the run to end. */
  isLeaving = false;
  readonly #run: Run;
  readonly #inputs: RunInputs;
  readonly #wake: Wake;
  readonly #say: (text: string) => void;
  #listener: HostListener | undefined;
  #stub: Stub | undefined;
  #closeClient: () => void = () => {};
  readonly #commands: RunCommands;

  private constructor(
    run: Run,
    inputs: RunInputs,
    options: RunOptions,
    wake: Wake,
    say: (text: string) => void,
  ) {
    this.#run = run;
    this.#inputs = inputs;
    this.#wake = wake;
    this.#say = say;
    const changesFiles = [...inputs.disks.served, ...inputs.disks.inDevices].some(([, store]) =>
      isWrittenThrough(store),
    );
    // What the host's clock, its network, a directory or a file outside had its part in can't be run again.
    const reachesOutside = options.net !== undefined || inputs.shares.length > 0;
    const keepsHistory = options.clock !== 'real' && !reachesOutside && !changesFiles;
    this.#commands = new RunCommands(run, [
      {
        usage: 'physical on|off',
        about: "the debugger's memory by the guest's physical addresses, or by virtual ones",
        run: () => 'physical on, or physical off\n',
      },
      {
        usage: 'quit',
        about: 'ends the run',
        run: () => {
          this.#leave();
          return '';
        },
      },
    ]);
    this.debugger = new Debugger(run.session, { keepsHistory });
  }

  /** Listens where `--gdb` says; a run that is to wait stands still from the beginning. */
  static async of(
    host: Host,
    run: Run,
    inputs: RunInputs,
    options: RunOptions,
    wake: Wake,
    say: (text: string) => void,
  ): Promise<GdbServer | undefined> {
    const { gdb, waitGdb } = options;
    if (host.listen === undefined || (gdb === undefined && waitGdb !== true)) return undefined;
    const address = typeof gdb === 'string' ? gdb : DEFAULT_GDB_ADDRESS;
    const server = new GdbServer(run, inputs, options, wake, say);
    server.#listener = await host.listen(address, (connection) => server.#connected(connection));
    const where = server.#listener.address.replace(/^unix:/, '');
    say(
      `drivervm: for gdb-multiarch: target remote ${where}${waitGdb === true ? '; the run waits for it' : ''}\n`,
    );
    if (waitGdb === true) {
      run.session.start();
      server.debugger.halt();
    }
    return server;
  }

  /** The run is over. */
  close(): void {
    this.#stub?.ended();
    this.#closeClient();
    this.#listener?.close();
  }

  #connected(connection: { write(bytes: Uint8Array): void; close(): void }): {
    onBytes(bytes: Uint8Array): void;
    onEnd(): void;
  } {
    if (this.#stub !== undefined) {
      this.#say('drivervm: a second client of gdb was turned away\n');
      connection.close();
      return { onBytes: () => {}, onEnd: () => {} };
    }
    this.#run.session.start();
    const stub = this.#newStub(connection);
    this.#stub = stub;
    this.#closeClient = () => connection.close();
    wakeUp(this.#wake);
    return {
      onBytes: (bytes) => stub.take(bytes),
      onEnd: () => {
        this.#release();
        this.#stub = undefined;
        this.#closeClient = () => {};
      },
    };
  }

  #newStub(connection: { write(bytes: Uint8Array): void; close(): void }): Stub {
    const { guests } = this.debugger;
    return new Stub({
      debugger: this.debugger,
      files: new Files(
        guests.map(({ name }) => name),
        (guest) => this.#symbolFile(guest),
      ),
      command: (line) => this.#commands.run(line),
      send: (bytes) => connection.write(bytes),
      wake: () => wakeUp(this.#wake),
      detached: () => this.#release(),
      killed: () => this.#leave(),
    });
  }

  #release(): void {
    this.debugger.release();
    wakeUp(this.#wake);
  }

  #leave(): void {
    this.isLeaving = true;
    wakeUp(this.#wake);
  }

  #symbolFile(guest: string): Uint8Array | undefined {
    const known = this.#inputs.symbolsOf(guest);
    const base = this.#run.report.names.imageBase(guest);
    const image = this.#inputs.payloads.get(guest)?.images.kernel;
    return known === undefined || base === undefined || image === undefined
      ? undefined
      : writeSymbolFile(known.symbols, base, { image, imageSizeBytes: known.imageSizeBytes });
  }
}
