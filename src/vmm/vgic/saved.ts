/** What a snapshot has of the virtual interrupt controller; list registers are the kernel's. */
import { kept, type Saved, savedList, savedParts, shape } from '../../base/index.ts';
import { LIST_REGISTER_COUNT } from '../../device/index.ts';
import { intidOf, slotOf } from './interrupts.ts';
import {
  FIRST_SHARED,
  INTID_COUNT,
  INTID_LIMIT,
  LEFT_OVER,
  PRIVATE_COUNT,
  QUEUE_SHIFT,
  SLOT_COUNT,
  type VgicState,
} from './state.ts';

type CellName = 'enabled' | 'pending' | 'active' | 'edge' | 'priority' | 'targets';

export function savedInterrupts(s: VgicState): Saved {
  const vcpus = Array.from({ length: s.vcpuCount[0] ?? 0 }, (_, vcpu) => vcpu);
  const slots = [
    ...Array.from({ length: vcpus.length * PRIVATE_COUNT }, (_, slot) => slot),
    ...Array.from({ length: SLOT_COUNT - FIRST_SHARED }, (_, index) => FIRST_SHARED + index),
  ];
  return savedParts({
    groupEnabled: savedFlags(s.groupEnabled),
    interrupts: savedList(slots.map((slot) => savedSlot(s, slot))),
    isOff: savedFlags(s.isOff.subarray(0, vcpus.length)),
    loaded: savedList(vcpus.map((vcpu) => savedLoaded(s, vcpu))),
    pending: savedList(vcpus.map((vcpu) => savedQueue(s, vcpu))),
  });
}

export function savedRedistributors(s: VgicState): Saved {
  return savedParts({ asleep: savedFlags(s.asleep.subarray(0, s.vcpuCount[0])) });
}

function savedFlags(cells: Uint8Array): Saved {
  return kept(
    shape.listOf(cells.length, shape.flag),
    () => [...cells].map((cell) => cell === 1),
    (flags) => cells.set(flags.map(Number)),
  );
}

function savedSlot(s: VgicState, slot: number): Saved {
  const flag = (name: CellName): Saved =>
    kept(
      shape.flag,
      () => s[name][slot] === 1,
      (value) => {
        s[name][slot] = Number(value);
      },
    );
  const byte = (name: CellName): Saved =>
    kept(
      shape.u8,
      () => s[name][slot] ?? 0,
      (value) => {
        s[name][slot] = value;
      },
    );
  return savedParts({
    enabled: flag('enabled'),
    pending: flag('pending'),
    active: flag('active'),
    priority: byte('priority'),
    group: kept(
      shape.oneOf(0, 1),
      () => (s.group[slot] === 1 ? 1 : 0),
      (value) => {
        s.group[slot] = value;
      },
    ),
    edge: flag('edge'),
    targets: byte('targets'),
    route: kept(
      shape.long,
      () => (BigInt(s.routeHigh[slot] ?? 0) << 32n) | BigInt(s.routeLow[slot] ?? 0),
      (value) => {
        s.routeLow[slot] = Number(value & 0xffff_ffffn);
        s.routeHigh[slot] = Number(value >> 32n);
      },
    ),
    listRegister: kept(
      shape.between(-1, LIST_REGISTER_COUNT - 1),
      () => (s.listRegister[slot] ?? 0) - 1,
      (value) => {
        s.listRegister[slot] = value + 1;
      },
    ),
  });
}

/** By INTIDs; what is left over, behind all of them. */
function savedLoaded(s: VgicState, vcpu: number): Saved {
  const registers = s.loaded.subarray(vcpu * LIST_REGISTER_COUNT, (vcpu + 1) * LIST_REGISTER_COUNT);
  return kept(
    shape.listOf(registers.length, shape.optional(shape.upTo(INTID_COUNT + INTID_LIMIT - 1))),
    () =>
      [...registers].map((held) => {
        if (held === 0) return undefined;
        return held < LEFT_OVER ? intidOf(held - 1) : INTID_COUNT + intidOf(held - LEFT_OVER - 1);
      }),
    (intids) =>
      registers.set(
        intids.map((intid) => {
          if (intid === undefined) return 0;
          return intid < INTID_COUNT
            ? slotOf(vcpu, intid) + 1
            : slotOf(vcpu, intid - INTID_COUNT) + 1 + LEFT_OVER;
        }),
      ),
  );
}

function savedQueue(s: VgicState, vcpu: number): Saved {
  const first = vcpu << QUEUE_SHIFT;
  return kept(
    shape.listUpTo(INTID_COUNT, shape.upTo(INTID_LIMIT - 1)),
    () => [...s.queue.subarray(first, first + (s.queued[vcpu] ?? 0))].map(intidOf),
    (intids) => {
      for (const slot of s.queue.subarray(first, first + (s.queued[vcpu] ?? 0))) s.place[slot] = 0;
      let place = first;
      for (const slot of new Set(intids.map((intid) => slotOf(vcpu, intid)))) {
        s.queue[place] = slot;
        place += 1;
        s.place[slot] = place;
      }
      s.queued[vcpu] = place - first;
    },
  );
}
