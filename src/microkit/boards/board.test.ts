import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programImage } from '../../../test/support/program-image.ts';
import { DiagnosticSink, rangeEnd } from '../../base/index.ts';
import { boardFromSdk, boardOfTree, deviceWindowsOf, MICROKIT_BOARDS, type MicrokitBoard } from './index.ts';

function board(name: string): MicrokitBoard {
  const found = MICROKIT_BOARDS.get(name);
  assert.ok(found);
  return found;
}

const TOP = 2 ** 40;

/** What `platform_gen.json` of the SDK says, for the boards that libvmm is built for. */
const DEVICE_WINDOWS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  odroidc4: [
    [0x500_0000, 0x530_0000],
    [0xf580_0000, 0xffc0_1000],
    [0xffc0_3000, 0xffc0_4000],
    [0xffc0_5000, TOP],
  ],
  qemu_virt_aarch64: [
    [0, 0x800_0000],
    [0x800_1000, 0x801_0000],
    [0x801_1000, 0x803_0000],
    [0x803_1000, 0x6000_0000],
    [0xc000_0000, TOP],
  ],
  zcu102: [
    [0x8000_0000, 0xf901_0000],
    [0xf901_1000, 0xf902_0000],
    [0xf902_1000, 0xf904_0000],
    [0xf904_1000, 0x8_0000_0000],
    [0x8_8000_0000, TOP],
  ],
  maaxboard: [
    [0, 0x3880_0000],
    [0x3881_0000, 0x3888_0000],
    [0x3894_0000, 0x4000_0000],
    [0xc000_0000, TOP],
  ],
};

for (const [name, expected] of Object.entries(DEVICE_WINDOWS)) {
  test(`device memory of ${name} follows from its RAM and the kernel's frames`, () => {
    const windows = deviceWindowsOf(board(name)) ?? [];
    assert.deepEqual(
      windows.map((window) => [window.base, rangeEnd(window)]),
      expected,
    );
  });
}

function sdkWith(json: string, loader: Uint8Array = new Uint8Array()) {
  const content = (path: string) => (path.endsWith('.json') ? new TextEncoder().encode(json) : loader);
  return {
    status: (path: string) => ({ kind: 'file', sizeBytes: content(path).length }) as const,
    read: content,
    join: (...parts: readonly string[]) => parts.join('/'),
  };
}

test("an SDK's list takes the place of the table's", () => {
  const json = '{"memory":[{"start":4096,"end":8192}],"devices":[{"start":0,"end":4096}]}';
  const sink = new DiagnosticSink();
  const answer = boardFromSdk('sdk', board('imx8mp_iotgate'), 'debug', sdkWith(json), sink);
  assert.equal(sink.hasErrors, false);
  assert.deepEqual(answer.ram, [{ base: 4096, size: 4096 }]);
  assert.deepEqual(deviceWindowsOf(answer), [{ base: 0, size: 4096 }]);
});

test('the loader lies where the SDK has it linked, and where the table says if its file tells nothing', () => {
  const json = '{"memory":[{"start":4096,"end":8192}],"devices":[]}';
  const known = board('imx8mm_evk');
  for (const [loader, expected] of [
    [programImage([]), 0x20_0000],
    [new Uint8Array(100), known.loaderAddr],
  ] as const) {
    const sink = new DiagnosticSink();
    assert.equal(boardFromSdk('sdk', known, 'debug', sdkWith(json, loader), sink).loaderAddr, expected);
    assert.deepEqual(sink.sorted(), []);
  }
});

test('an SDK whose list is damaged says so', () => {
  const problems = [
    '{',
    '[]',
    '{"memory":[],"devices":[{"start":"0"}]}',
    '{"memory":[{"start":2,"end":1}],"devices":[]}',
  ];
  for (const json of problems) {
    const sink = new DiagnosticSink();
    assert.equal(
      boardFromSdk('sdk', board('odroidc4'), 'debug', sdkWith(json), sink),
      board('odroidc4'),
      json,
    );
    assert.deepEqual(
      sink.sorted().map(({ code }) => code),
      ['board/sdk-file'],
      json,
    );
  }
});

/** The roots' `compatible` of the trees that seL4 16 (`tools/dts`) and Microkit 2.3 (`custom_dts`) build for the boards. */
const ROOTS_OF_SEL4 = {
  imx8mm_evk: 'fsl,imx8mm-evk fsl,imx8mm',
  imx8mp_evk: 'fsl,imx8mp-evk fsl,imx8mp',
  imx8mp_iotgate: 'compulab,iot-gate-imx8plus compulab,ucm-imx8m-plus-som fsl,imx8mp',
  imx8mq_evk: 'fsl,imx8mq-evk fsl,imx8mq',
  maaxboard: 'avnet/embest,maaxboard fsl,imx8mq',
  odroidc2: 'hardkernel,odroid-c2 amlogic,meson-gxbb',
  odroidc4: 'hardkernel,odroid-c4 amlogic,sm1',
  qemu_virt_aarch64: 'linux,dummy-virt',
  rock3b: 'radxa,rock-3b rockchip,rk3568',
  rockpro64: 'pine64,rockpro64 rockchip,rk3399',
  rpi4b_4gb: 'raspberrypi,4-model-b brcm,bcm2711',
  rpi5b_2gb: 'raspberrypi,5-model-b brcm,bcm2712',
  stm32mp2: 'st,stm32mp257f-ev1 st,stm32mp257',
  tqma8xqp1gb: 'tq,tqma8xqp-mba8xx tq,tqma8xqp fsl,imx8qxp',
  ultra96v2: 'avnet,ultra96-rev1 avnet,ultra96 xlnx,zynqmp-zcu100-revC xlnx,zynqmp-zcu100 xlnx,zynqmp',
  zcu102: 'xlnx,zynqmp-zcu102-rev1.0 xlnx,zynqmp-zcu102 xlnx,zynqmp',
  ariane: 'eth,ariane-bare-dev',
  cheshire: 'eth,cheshire-dev',
  hifive_p550: 'sifive,hifive-premier-p550 eswin,eic7700',
  qemu_virt_riscv64: 'riscv-virtio',
  star64: 'pine64,star64 starfive,jh7110',
} as const;

test('every board that has a tree is known by the one that seL4 is built with', () => {
  for (const [name, root] of Object.entries(ROOTS_OF_SEL4))
    assert.equal(boardOfTree(root.split(' '))?.name, name);
  const nameless = [...MICROKIT_BOARDS.values()].filter(
    ({ arch, compatibles = [] }) => arch !== 'x86_64' && compatibles.length === 0,
  );
  assert.deepEqual(nameless, []);
});

test('a board is known by the names that its tree has in seL4, in Linux and in U-Boot', () => {
  for (const [name, ...compatible] of [
    ['rock3b', 'radxa,rock-3b', 'rockchip,rk3568'],
    ['tqma8xqp1gb', 'tq,imx8qxp-tqma8xqp-mba8xx', 'tq,imx8qxp-tqma8xqp', 'fsl,imx8qxp'],
    ['kria_k26', 'xlnx,zynqmp-sm-k26-rev1', 'xlnx,zynqmp-sm-k26', 'xlnx,zynqmp'],
    ['maaxboard', 'avnet/embest,maaxboard', 'fsl,imx8mq'],
    ['kria_k26', 'xlnx,zynqmp-smk-k26-revA', 'xlnx,zynqmp-smk-k26', 'xlnx,zynqmp'],
    ['rpi4b_4gb', 'raspberrypi,4-model-b', 'brcm,bcm2711'],
    ['qemu_virt_aarch64', 'linux,dummy-virt'],
  ] as const) {
    assert.equal(boardOfTree(compatible)?.name, name);
  }
  assert.equal(boardOfTree(['acme,carrier', 'fsl,imx8mm']), undefined);
});
