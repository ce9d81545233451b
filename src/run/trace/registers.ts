/** An access to a device's registers in words: the register by its manual's name, and what the value says by its fields. */
import { hex } from '../../base/index.ts';
import { type Device, type Register, RegisterDevice, type RegisterMap } from '../../device/index.ts';

/** Fields that are set in a value: `UARTEN`, `RXIFLSEL=0x2`. */
export function fieldsIn({ fields }: Register, value: number): readonly string[] {
  return Object.entries(fields)
    .filter(([field, { mask }]) => field !== 'VALUE' && (value & mask) !== 0)
    .map(([field, { mask, shift }]) => {
      const number = (value & mask) >>> shift;
      return mask >>> shift === 1 ? field : `${field}=${hex(number)}`;
    });
}

/** What a value means to whatever has this offset; empty where nobody knows. */
export function meaningOf(device: Device, offset: number, value: number): string {
  if (!(device instanceof RegisterDevice)) return '';
  const name = device.registerAt(offset);
  const register = name === undefined ? undefined : (device as RegisterDevice<RegisterMap>).registers[name];
  // Of a part of a register the fields are not where they are declared.
  return register === undefined || register.offset !== offset ? '' : fieldsIn(register, value).join(' ');
}
