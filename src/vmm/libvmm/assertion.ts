/**
 * Where libvmm stops on an assertion: with the debug configuration of the kernel, which the projects here are built with, its
 * monitor is at its end there, and its guest waits for ever. (With the release configuration assertions are not compiled in.)
 */
import { Refusal } from '../../base/index.ts';
export class LibvmmAssertion extends Refusal {
  override readonly name = 'LibvmmAssertion';

  constructor(what: string, file: string) {
    super(`libvmm 0.2 fails an assertion in ${file}: ${what}`);
  }
}
