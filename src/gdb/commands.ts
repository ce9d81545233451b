/** What `monitor` asks for in a client: words of drivervm's own. */

/** What the words of `monitor` look at and act on. */
export interface CommandSource {
  /** The account of the run so far. */
  readonly account: () => string;
  readonly quit: () => void;
}

const HELP = `monitor account          what was touched, interrupts, faults, the time so far
monitor physical on|off  memory by the guest's physical addresses, or by virtual ones
monitor quit             ends the run
`;

/** Answers the words that a client sends by `monitor`. */
export class Commands {
  readonly #source: CommandSource;

  constructor(source: CommandSource) {
    this.#source = source;
  }

  /** What is to be shown; empty where there is nothing to say. */
  run(line: string, setPhysical: (isPhysical: boolean) => void): string {
    const words = line.trim().split(/\s+/);
    switch (words.join(' ')) {
      case '':
      case 'help':
        return HELP;
      case 'account':
        return this.#source.account();
      case 'physical on':
      case 'physical off':
        setPhysical(words[1] === 'on');
        return '';
      case 'quit':
        this.#source.quit();
        return '';
      default:
        return `"${line}" is no command of drivervm's. There are:\n${HELP}`;
    }
  }
}
