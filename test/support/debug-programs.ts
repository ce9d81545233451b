/** Programs of ours with debug information, compiled by clang: lines that a run comes to and lines that it doesn't. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOracle } from './oracles.ts';

/** A guest that says "ok" on a PL011 and turns itself off (PSCI SYSTEM_OFF). */
export const GUEST_SOURCE = `volatile int input = 5;
__attribute__((noinline)) static int chosen(int value)
{
  if (value > 2)
    return value * 3;
  else
    return value + 7;
}
__attribute__((noinline)) int never(int value)
{
  return value - 1;
}
static void say(const char *text)
{
  volatile unsigned *uart = (volatile unsigned *)0x9000000;
  uart[12] = 0x301;
  while (*text)
    uart[0] = *text++;
}
void begin(void)
{
  if (chosen(input) == 15)
    say("ok\\n");
  else
    input = never(1);
  register unsigned long x0 __asm__("x0") = 0x84000008;
  __asm__ volatile("smc #0" : "+r"(x0));
  for (;;)
    ;
}
`;

const START = `.global _start
.type _start, %function
_start:
  adrp x1, stack_end
  add sp, x1, :lo12:stack_end
  bl begin
.size _start, . - _start
.bss
.balign 16
  .space 4096
stack_end:
`;

export interface CompiledProgram {
  readonly path: string;
  readonly sourcePath: string;
}

/** With these flags of the compiler's, loaded at 0x60080000. */
export function compileGuest(directory: string, name: string, flags: readonly string[]): CompiledProgram {
  const file = (suffix: string): string => join(directory, `${name}${suffix}`);
  writeFileSync(file('.c'), GUEST_SOURCE);
  writeFileSync(file('-start.s'), START);
  const target = ['--target=aarch64-linux-gnu', '-c', '-ffreestanding', '-mgeneral-regs-only', '-O1'];
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr } = runOracle(command, args);
    assert.equal(status, 0, stderr);
  };
  run('clang', [...target, ...flags, file('.c'), '-o', file('.o')]);
  run('clang', [...target, file('-start.s'), '-o', file('-start.o')]);
  run('aarch64-linux-gnu-ld', [
    '-Ttext=0x60080000',
    '-z',
    'max-page-size=4096',
    file('-start.o'),
    file('.o'),
    '-o',
    file('.elf'),
  ]);
  return { path: file('.elf'), sourcePath: file('.c') };
}
