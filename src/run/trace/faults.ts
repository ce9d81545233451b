/** A guest's fault in words: which device of its tree it reached for, which register, what it wrote or was given. */
import { type AddrRange, hex, rangeContains, SMALL_PAGE_BYTES } from '../../base/index.ts';
import type { Board } from '../../devicetree/index.ts';
import type { Fault } from '../../sel4/index.ts';
import { accessSyndrome, VIRTIO_MMIO_REGISTERS } from '../../vmm/index.ts';
import type { TraceValue } from './event.ts';
import { fieldsIn } from './registers.ts';

/** What is where in a guest's address space, by its own tree. */
export class GuestAddresses {
  readonly #ranges: readonly {
    readonly path: string;
    readonly isVirtio: boolean;
    readonly range: AddrRange;
  }[];
  readonly #byPage = new Map<
    number,
    readonly { readonly path: string; readonly isVirtio: boolean; readonly range: AddrRange }[]
  >();

  constructor(tree: Board) {
    this.#ranges = tree.devices.flatMap(({ path, regs, compatible }) =>
      regs.flatMap(({ cpu }) =>
        cpu === undefined ? [] : [{ path, isVirtio: compatible.includes('virtio,mmio'), range: cpu }],
      ),
    );
  }

  /** The smallest range that holds an address. */
  at(
    addr: number,
  ): { readonly path: string; readonly isVirtio: boolean; readonly range: AddrRange } | undefined {
    const page = Math.floor(addr / SMALL_PAGE_BYTES);
    let known = this.#byPage.get(page);
    if (known === undefined) {
      const [first, end] = [page * SMALL_PAGE_BYTES, (page + 1) * SMALL_PAGE_BYTES];
      known = this.#ranges
        .filter(({ range }) => range.base < end && range.base + range.size > first)
        .sort((a, b) => a.range.size - b.range.size);
      this.#byPage.set(page, known);
    }
    return known.find(({ range }) => rangeContains(range, addr));
  }
}

export interface FaultWords {
  readonly name: string;
  readonly fields: Readonly<Record<string, TraceValue>>;
  readonly device?: string;
  readonly register?: string;
  readonly address?: bigint;
}

/** `value`: of the register that the access is of, as it is after the fault. */
export function wordsOfFault(
  fault: Fault,
  addresses: GuestAddresses | undefined,
  value: bigint | undefined,
): FaultWords {
  switch (fault.label) {
    case 'VMFault':
      return fault.prefetchFault
        ? { name: 'VMFault: a fetch', fields: { address: hex(fault.addr) }, address: BigInt(fault.addr) }
        : wordsOfAccess(fault.addr, fault.fsr, addresses, value);
    case 'VCPUFault':
      return { name: 'VCPUFault', fields: { syndrome: hex(fault.hsr) } };
    case 'VPPIEvent':
      return { name: 'VPPIEvent', fields: { intid: fault.irq } };
    case 'VGICMaintenance':
      return { name: 'VGICMaintenance', fields: { listRegister: fault.index } };
    default:
      return { name: fault.label, fields: {} };
  }
}

function wordsOfAccess(
  addr: number,
  fsr: number,
  addresses: GuestAddresses | undefined,
  value: bigint | undefined,
): FaultWords {
  const access = accessSyndrome(fsr);
  const found = addresses?.at(addr);
  const verb = access === undefined ? 'access' : access.write ? 'write' : 'read';
  const offset = found === undefined ? 0 : addr - found.range.base;
  const register = found?.isVirtio === true ? virtioRegisterAt(offset) : undefined;
  const what = found === undefined ? hex(addr) : `${register?.name ?? hex(offset)} of ${found.path}`;
  const fields: Record<string, TraceValue> = { address: hex(addr), syndrome: hex(fsr) };
  if (access !== undefined && value !== undefined) {
    const cut = BigInt.asUintN(8 * access.sizeBytes, value);
    fields['value'] = hex(cut);
    const meaning =
      register === undefined ? '' : fieldsIn(register.register, Number(BigInt.asUintN(32, cut))).join(' ');
    if (meaning !== '') fields['fields'] = meaning;
  }
  return {
    name: `VMFault: ${verb} ${what}`,
    fields,
    address: BigInt(addr),
    ...(found === undefined ? {} : { device: found.path }),
    ...(register === undefined ? {} : { register: register.name }),
  };
}

function virtioRegisterAt(offset: number) {
  const found = Object.entries(VIRTIO_MMIO_REGISTERS).find(([, register]) => register.offset === offset);
  return found === undefined ? undefined : { name: found[0], register: found[1] };
}
