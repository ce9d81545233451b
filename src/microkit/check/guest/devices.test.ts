import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText } from '../../../../test/support/descriptions.ts';
import { BOARD_DTS, GUEST_SYSTEM, resolvedTree } from '../../../../test/support/guest-trees.ts';
import { DiagnosticSink } from '../../../base/index.ts';

const REGISTERS = 'reg = <0xff63c000 0x1000>;';
const DISABLED = BOARD_DTS.replace(REGISTERS, `${REGISTERS} status = "disabled";`);

test("whether a guest lost a provider is asked of the board's tree, and nothing is said without it or where the board has none either", () => {
  assert.notEqual(DISABLED, BOARD_DTS);
  const guests = [{ file: 'guest.dts', tree: resolvedTree('guest.dts', DISABLED) }];
  const lost = (board: string | undefined): number => {
    const sink = new DiagnosticSink();
    const tree = board === undefined ? {} : { tree: resolvedTree('board.dts', board) };
    checkText(GUEST_SYSTEM, { ...tree, guests }, sink);
    return sink.sorted().filter(({ code }) => code === 'guest/provider-disabled').length;
  };
  assert.deepEqual([BOARD_DTS, DISABLED, undefined].map(lost), [1, 0, 0]);
});
