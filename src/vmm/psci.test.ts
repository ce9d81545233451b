import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPsci, PSCI, type PsciMachine, psciCall } from './psci.ts';
import { describeSmc, smcccCall } from './smccc.ts';

function machine(log: string[]): PsciMachine {
  return {
    vcpuCount: 4,
    vcpuByAffinity: (affinity) => (affinity < 4n ? Number(affinity) : undefined),
    isOn: (vcpu) => vcpu < 2,
    isInRam: (gpa) => gpa >= 0x4000_0000n && gpa < 0x5000_0000n,
    turnOn: (vcpu, entry, context) => log.push(`on ${vcpu} ${entry.toString(16)} ${context}`),
    turnOff: (vcpu) => log.push(`off ${vcpu}`),
    standBy: (vcpu) => log.push(`standby ${vcpu}`),
    powerDown: (vcpu, entry, context) => log.push(`down ${vcpu} ${entry.toString(16)} ${context}`),
    systemOff: () => log.push('system off'),
    systemReset: () => log.push('system reset'),
  };
}

/** Function, arguments, answer (`undefined`: it doesn't come back), and what was done. */
const CASES: readonly (readonly [number, readonly bigint[], bigint | undefined, readonly string[]])[] = [
  [0x8400_0000, [], 0x1_0002n, []],
  [0xc400_0000, [], PSCI.NOT_SUPPORTED, []],
  [0x8400_0006, [], 2n, []],
  [0x8400_000a, [0x8400_0003n], PSCI.SUCCESS, []],
  [0x8400_000a, [0xc400_0003n], PSCI.SUCCESS, []],
  [0x8400_000a, [0xc400_0008n], PSCI.NOT_SUPPORTED, []],
  [0x8400_000a, [0x8400_000en], PSCI.NOT_SUPPORTED, []],
  [0x8400_000a, [0x8000_0000n], PSCI.SUCCESS, []],
  [0xc400_0003, [2n, 0x4000_0000n, 5n], PSCI.SUCCESS, ['on 2 40000000 5']],
  // The 32-bit form sees the lower halves only.
  [0x8400_0003, [0xf_0000_0003n, 0xf_4000_0000n, 0n], PSCI.SUCCESS, ['on 3 40000000 0']],
  [0xc400_0003, [1n, 0x4000_0000n, 0n], PSCI.ALREADY_ON, []],
  [0xc400_0003, [9n, 0x4000_0000n, 0n], PSCI.INVALID_PARAMETERS, []],
  [0xc400_0003, [2n, 0x10n, 0n], PSCI.INVALID_ADDRESS, []],
  [0xc400_0003, [0x1_0000_0002n << 8n, 0x4000_0000n, 0n], PSCI.INVALID_PARAMETERS, []],
  [0xc400_0004, [1n, 0n], 0n, []],
  [0xc400_0004, [3n, 0n], 1n, []],
  [0xc400_0004, [3n, 1n], PSCI.INVALID_PARAMETERS, []],
  [0xc400_0001, [0n], PSCI.SUCCESS, ['standby 1']],
  [0xc400_0001, [0x1_0000n, 0x4000_1000n, 9n], undefined, ['down 1 40001000 9']],
  [0xc400_0001, [0x1_0000n, 0x10n, 9n], PSCI.INVALID_ADDRESS, []],
  [0xc400_0001, [0x8000_0000n], PSCI.INVALID_PARAMETERS, []],
  [0x8400_0002, [], undefined, ['off 1']],
  [0x8400_0008, [], undefined, ['system off']],
  [0x8400_0009, [], undefined, ['system reset']],
  [0x8400_0005, [], PSCI.NOT_SUPPORTED, []],
];

test('every function by its table', () => {
  for (const [functionId, args, answer, done] of CASES) {
    const log: string[] = [];
    const [x1 = 0n, x2 = 0n, x3 = 0n] = args;
    const given = psciCall(machine(log), 1, functionId, x1, x2, x3);
    assert.equal(given, answer, `0x${functionId.toString(16)} ${args}`);
    assert.deepEqual(log, done);
    assert.ok(isPsci(functionId));
  }
});

test('calls of other services', () => {
  assert.equal(isPsci(0x8000_0000), false);
  assert.equal(smcccCall(0x8000_0000, 0n), 0x1_0001n);
  assert.equal(smcccCall(0x8000_0001, 0x8000_0000n), 0n);
  assert.equal(smcccCall(0x8000_0001, 0x8000_8000n), -1n);
  assert.equal(smcccCall(0x8200_0000, 0n), undefined);
  assert.equal(describeSmc(0xc200_0045), 'SiP function 0xc2000045');
  assert.equal(describeSmc(0x3200_0000), 'trusted OS function 0x32000000');
});
