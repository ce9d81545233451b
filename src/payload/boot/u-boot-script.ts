/**
 * U-Boot scripts (`boot.scr`, `boot.cmd`, `boot.ini`) with the environments that they import (`armbianEnv.txt`,
 * `uEnv.txt`) and the scripts that they source, run to know what they boot (U-Boot, common/cli_hush.c, cmd/,
 * doc/usage/cmd/). A boot command whose kernel, ramdisk or tree was not loaded fails, as on the board, and the script
 * goes on behind it. What is not followed leaves a doubt (`shell-machine.ts`).
 */
import type { ByteSource } from '../bytes/source.ts';
import { isLegacyImage, readLegacyImage } from '../uboot/legacy-image.ts';
import {
  type BootDoubt,
  type BootEntry,
  type BootWorld,
  type DoubtSubject,
  shortened,
  textOf,
} from './entry.ts';
import { evaluateItest, evaluateTest } from './shell-expressions.ts';
import {
  type Call,
  DONE,
  type Doubts,
  FAILED,
  type Status,
  SURE,
  together,
  type Value,
} from './shell-machine.ts';
import { type Booted, isTree, UBootBooting } from './u-boot-booting.ts';
import {
  BOOTS,
  DEVICES,
  fdtWord,
  HANDS_OVER,
  HARMLESS,
  INITIAL,
  LISTS,
  LOADS,
  MAY_FAIL,
  NETWORK,
  QUESTIONS,
} from './u-boot-commands.ts';
import { addressOf, type Loaded, UNPACKERS } from './u-boot-memory.ts';

/** @param prefix where the script was found, with a final slash: U-Boot's `prefix` */
export function runBootScript(text: string, file: string, prefix: string, world: BootWorld): BootEntry {
  const label = file.slice(file.lastIndexOf('/') + 1);
  return bootedBy(file, prefix, world, (machine) => machine.entryOf(text, 'u-boot-script', label));
}

/** Files on devices that need not be the image are taken for its own only where the script boots nothing without them. */
function bootedBy(
  file: string,
  prefix: string,
  world: BootWorld,
  run: (machine: UBootMachine) => BootEntry,
): BootEntry {
  const machine = new UBootMachine(file, prefix, world, false);
  const entry = run(machine);
  if (machine.hasBooted || !machine.asksElsewhere) return entry;
  return run(new UBootMachine(file, prefix, world, true));
}

/**
 * A `uEnv.txt`: U-Boot's own commands import it and run its `uenvcmd`. Where it has none, what is made of its variables
 * is in U-Boot's environment; one that has a command to boot with is run all the same, as a guess.
 */
export function runBootEnvironment(text: string, file: string, prefix: string, world: BootWorld): BootEntry {
  return bootedBy(file, prefix, world, (machine) => {
    machine.importText(text, SURE, undefined, true);
    return machine.entryOfEnvironment();
  });
}

/** The text of a script, out of U-Boot's wrapper where it is in one. */
export function scriptText(source: ByteSource): string {
  const inner = isLegacyImage(source.read(0, 4)) ? (readLegacyImage(source).parts[0] ?? source) : source;
  return textOf(inner) ?? '';
}

class UBootMachine extends UBootBooting {
  constructor(file: string, prefix: string, world: BootWorld, isHereToo: boolean) {
    super(file, world, isHereToo);
    for (const [name, text] of Object.entries({ ...INITIAL, prefix })) {
      this.variables.set(name, { text, doubts: SURE });
    }
  }

  /** Whether it came to boot a kernel that is here. */
  get hasBooted(): boolean {
    return this.booted?.kernel?.file !== undefined;
  }

  entryOf(text: string, loader: BootEntry['loader'], label: string): BootEntry {
    this.#noteReturns(text, this.file);
    this.runText(text);
    return this.#entry(loader, label);
  }

  entryOfEnvironment(): BootEntry {
    const name = ['uenvcmd', 'boot_os', 'bootcmd'].find((each) => this.variables.has(each));
    if (name !== 'uenvcmd') {
      const reason = "is for commands of U-Boot's own environment, which is not in the image";
      this.doubtOverall(
        this.doubt(undefined, this.file.slice(this.file.lastIndexOf('/') + 1), reason, 'board'),
      );
    }
    if (name !== undefined) this.runText(this.variables.get(name)?.text ?? '');
    return this.#entry('u-boot-environment', name ?? 'uEnv.txt');
  }

  #entry(loader: BootEntry['loader'], label: string): BootEntry {
    const booted = this.booted ?? this.failed ?? this.#byName();
    const line = this.variables.get('bootargs') ?? this.unset('bootargs', undefined);
    const about = new Map<DoubtSubject, Doubts>([
      ['kernel', together(booted.doubts, booted.kernel?.doubts ?? SURE)],
      ['initrd', together(booted.initrdDoubts, booted.initrd?.doubts ?? SURE)],
      [
        'device tree',
        together(booted.treeDoubts, booted.tree?.doubts ?? SURE, booted.tree?.stepDoubts ?? SURE),
      ],
      ['command line', line.doubts],
    ]);
    const all = new Set([...about.values()].flatMap((doubts) => [...doubts]));
    return {
      loader,
      file: this.file,
      label,
      isDefault: true,
      kernel: booted.kernel?.file,
      configuration: booted.configuration,
      hasNoInitrd: booted.hasNoInitrd,
      initrds: booted.initrd?.file === undefined ? [] : [booted.initrd.file],
      dtb: booted.tree?.file,
      treeSteps: booted.tree?.steps ?? [],
      bootargs: line.text.replace(/\s+/g, ' ').trim(),
      doubts: [...all].sort(byLine).map((doubt) => ({
        ...doubt,
        about: [...about].filter(([, doubts]) => doubts.has(doubt)).map(([subject]) => subject),
      })),
      problems: this.problems,
    };
  }

  /** Where no boot command was run: what was loaded under telling names. */
  #byName(): Booted {
    const all = [...this.memory.values()];
    const named = (pattern: RegExp): Loaded | undefined =>
      all.find(({ file }) => pattern.test(file?.path ?? ''));
    const doubts =
      this.gone?.doubts ??
      this.doubt(undefined, 'this script', 'comes to its end without a boot command', 'unread');
    return {
      kernel: named(/(?:Image|vmlinuz)[^/]*$/),
      configuration: undefined,
      hasNoInitrd: false,
      initrd: named(/init(?:rd|ramfs)[^/]*$/i),
      tree: named(/\.dtb$/),
      doubts: together(this.overall, doubts),
      initrdDoubts: SURE,
      treeDoubts: SURE,
    };
  }

  /** Those of DOS line ends are no white space to U-Boot's shell, and so a part of the last word of each line. */
  #noteReturns(text: string, file: string): void {
    const lines = text.split('\n');
    const at = lines.findIndex((line) => line.trimEnd() !== '' && line.endsWith('\r'));
    if (at < 0) return;
    const reason = 'ends in a carriage return, which U-Boot takes for a part of the word before it';
    this.doubtOverall(
      new Set([{ file, line: at + 1, text: shortened(lines[at] ?? ''), reason, kind: 'board' as const }]),
    );
  }

  protected command(call: Call): Status {
    const { name, args, statement } = call;
    const texts = args.map(({ text }) => text);
    const [first = ''] = texts;
    const { line, text } = statement;
    if (/^[A-Za-z]\w*=/.test(name)) return this.assign([name, ...texts], args, call);
    if (name === 'setenv' || (name === 'env' && first === 'set'))
      return this.setenv(name === 'env' ? args.slice(1) : args);
    if (name === 'env') return this.env(first, args.slice(1), call);
    if (name === 'test') return this.#test(args, line);
    if (name === '[') return texts.at(-1) === ']' ? this.#test(args.slice(0, -1), line) : FAILED;
    if (name === 'itest' || name.startsWith('itest.')) return evaluateItest(name, args, this.reader(line));
    if (name === 'setexpr' || name.startsWith('setexpr.')) return this.setexpr(call);
    if (name === 'run') return this.#runVariables(args, line);
    if (LOADS.has(name)) return this.load(call);
    if (name === 'size') return this.size(call);
    if (name === 'part') return this.part(call);
    if (name === 'fdt') return this.fdt(call);
    if (name === 'source' || name === 'autoscr') return this.#source(args, line);
    if (name === 'exit') {
      this.leave();
      return { ok: first === '' || first === '0', doubts: SURE };
    }
    if (name === 'false') return FAILED;
    if (UNPACKERS.has(name)) return this.unpack(call);
    if (/^cp(?:\.[bwlq])?$/.test(name)) return this.copyMemory(call);
    if (name === 'iminfo') return this.imageInfo(call);
    if (name === 'imxtract') return this.copy(first, texts[2] ?? '');
    if (/^(?:mw|mm|nm)(?:\.[bwlq])?$/.test(name)) return this.write(call);
    if (/^md\./.test(name)) return DONE;
    if ((name === 'boot' || name === 'bootd') && this.variables.has('bootcmd'))
      return this.#runVariables([{ text: 'bootcmd', doubts: SURE }], line);
    const isHandedOver = name === 'pxe' ? first === 'boot' : name === 'bootefi' && /^[a-z]{4,}/.test(first);
    if (isHandedOver) {
      this.doubtOverall(this.doubt(line, text, 'hands over to something else', 'unread'));
      return FAILED;
    }
    if (BOOTS.has(name)) return this.boot(call);
    if (NETWORK.has(name)) {
      return { ok: false, doubts: this.doubt(line, text, 'asks the network', 'board') };
    }
    if (HANDS_OVER.has(name)) {
      this.doubtOverall(this.doubt(line, text, 'hands over to something else', 'unread'));
      if (name === 'reset') this.end();
      return FAILED;
    }
    if (DEVICES.has(name) && ['read', 'rpmb'].includes(first)) return this.readBlocks(call, 1);
    if (name === 'nand' || name === 'mtd' || name === 'ubi' || name === 'onenand')
      return this.readBlocks(call, 1);
    if (name === 'sf' && first === 'read') return this.readBlocks(call, 1);
    if (name === 'i2c' && first === 'read') return this.readBlocks(call, 4);
    if (name === 'printenv') return this.print(args, call);
    if (LISTS.has(name)) return this.list(call);
    if (HARMLESS.has(name)) return DONE;
    if (MAY_FAIL.has(name)) return this.mayFail(call);
    if (DEVICES.has(name))
      return { ok: true, doubts: this.doubt(line, text, 'asks for a device of the board', 'board') };
    if (QUESTIONS.has(name)) return { ok: true, doubts: this.doubt(line, text, 'asks the board', 'board') };
    // A first line that tells what the file is, in boot.ini.
    if (/^[A-Z0-9]+-UBOOT-CONFIG$/.test(name)) return DONE;
    const doubts = this.doubt(line, text, 'is a command that is not known here', 'unread');
    this.doubtOverall(doubts);
    return { ok: true, doubts };
  }

  protected taintCommand({ name, args, statement }: Call, doubts: Doubts): void {
    const [first = '', second = ''] = args.map(({ text }) => text);
    if (/^[A-Za-z]\w*=/.test(name)) this.taintVariable(name.split('=')[0] ?? '', doubts);
    else if (name === 'setenv') this.taintVariable(first === '-f' ? second : first, doubts);
    else if (name === 'env' && first === 'set') this.taintVariable(second, doubts);
    else if (name === 'env' && ['import', 'default', 'load'].includes(first)) this.doubtOverall(doubts);
    else if (name.startsWith('setexpr')) this.taintVariable(first, doubts);
    else if (name === 'part') this.taintVariable(args.at(-1)?.text ?? '', doubts);
    else if (name === 'run') {
      for (const { text } of args) this.taintText(this.variables.get(text)?.text ?? '', doubts);
    } else if (LOADS.has(name)) {
      this.taintVariable('filesize', doubts);
      this.taintMemory(addressOf(args[2]?.text ?? ''), doubts);
    } else if (name === 'fdt' && ['apply', 'set', 'rm', 'mknode'].includes(fdtWord(first))) {
      this.taintMemory(this.working, doubts);
    } else if (name === 'fdt' && fdtWord(first) === 'get') this.taintVariable(args[2]?.text ?? '', doubts);
    else if (BOOTS.has(name) || HANDS_OVER.has(name) || ['exit', 'source'].includes(name))
      this.doubtOverall(doubts);
    else if (UNPACKERS.has(name) || /^(?:cp|imxtract)/.test(name))
      this.taintMemory(addressOf(second), doubts);
    else if (!this.#isKnown(name)) {
      this.doubtOverall(
        together(
          doubts,
          this.doubt(statement.line, statement.text, 'is a command that is not known here', 'unread'),
        ),
      );
    }
  }

  #test(words: readonly Value[], line: number): Status {
    // The script's own device is there, so that it has a value.
    const known = words.map((value, index) =>
      /^-[nz]$/.test(words[index - 1]?.text ?? '') && this.isOwnDevice(value)
        ? { ...value, doubts: SURE }
        : value,
    );
    return evaluateTest(known, (words) => {
      const { file, source, isHere, doubts } = this.find(words, line);
      return { ok: source !== undefined || (isHere && this.world.isDirectory(file)), doubts };
    });
  }

  #isKnown(name: string): boolean {
    return (
      [HARMLESS, MAY_FAIL, LISTS, DEVICES, QUESTIONS, NETWORK].some((set) => set.has(name)) ||
      /^(?:printenv|test|\[|itest|setexpr|env|fdt|false|size|nand|ubi|mtd|m[dwm]|nm)(?:\.\w+)?$/.test(name)
    );
  }

  #runVariables(args: readonly Value[], line: number): Status {
    let status = DONE;
    for (const { text: name, doubts } of args) {
      if (this.hasEnded) break;
      const value = this.get(name, line);
      if (value.text === '') {
        if (value.doubts.size > 0) {
          const unknown = this.doubt(
            line,
            `run ${name}`,
            "runs what only the board's environment has",
            'board',
          );
          this.doubtOverall(unknown);
          return { ok: false, doubts: unknown };
        }
        return { ok: false, doubts: value.doubts };
      }
      status = this.under(together(doubts, value.doubts), () => this.runText(value.text));
      if (!status.ok) break;
    }
    return status;
  }

  #source(args: readonly Value[], line: number): Status {
    const loaded = this.at(args[0]?.text ?? '');
    if (loaded === undefined) return FAILED;
    if (loaded.source === undefined || loaded.file === undefined) {
      this.doubtOverall(this.doubt(line, 'source', 'runs what is in no file here', 'board'));
      return { ok: true, doubts: loaded.doubts };
    }
    const { source, file, doubts } = loaded;
    if (isTree(source)) {
      const unread = this.doubt(line, 'source', `runs a script in the FIT image ${file.path}`, 'unread');
      this.doubtOverall(unread);
      return { ok: true, doubts: unread };
    }
    const text = scriptText(source);
    this.#noteReturns(text, file.path);
    return this.under(doubts, () => this.runText(text, file.path));
  }
}

function byLine(a: BootDoubt, b: BootDoubt): number {
  return a.file === b.file ? (a.line ?? 0) - (b.line ?? 0) : 0;
}
