/** The variable of a monitor's program in which Microkit leaves where it sees a bank of its guest's RAM (`setvar_vaddr`). */
export function ramSymbol(bank: number): string {
  return bank === 0 ? 'guest_ram_vaddr' : `guest_ram_${bank + 1}_vaddr`;
}
