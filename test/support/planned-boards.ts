/** Plans "everything" for a board, applies the remedies that diagnostics name, and has the project checked. */
import { DiagnosticSink, formatDiagnostic, hex } from '../../src/base/index.ts';
import { type Board, resolveTree, writeDtb } from '../../src/devicetree/index.ts';
import { checkDescription, MICROKIT_BOARDS, plainSource, readDescription } from '../../src/microkit/index.ts';
import {
  applyEdits,
  makePlan,
  microkitNameOf,
  type Plan,
  type PlanInput,
  planCodes,
  readRequest,
} from '../../src/plan/index.ts';
import { projectFiles } from '../../src/project/index.ts';
import { treeOfDtb } from './trees.ts';

/** What came of a board. */
export type BoardResult =
  | { readonly kind: 'plan'; readonly plan: Plan }
  /** A plan once the remedies were applied; the codes are those of the diagnostics that named them. */
  | { readonly kind: 'remedied'; readonly plan: Plan; readonly codes: readonly string[] }
  | { readonly kind: 'refused'; readonly code: string };

export interface PlannedBoard {
  readonly name: string;
  readonly microkit: string | undefined;
  readonly result: BoardResult;
  /** What our checker and the readers say of the project; empty is what is wanted. */
  readonly findings: readonly string[];
}

const MEASURED = {
  kernel: { textOffsetBytes: 0, imageSizeBytes: 0x215_0000, fileBytes: 32_956_352 },
  initrdBytes: 8 * 2 ** 20,
};
const ATTEMPTS = 4;

export function planBoard(name: string, blob: Uint8Array): PlannedBoard {
  const tree = treeOfDtb(blob, name);
  const board = resolveTree(tree);
  const microkit = microkitNameOf(board);
  const remedies: Remedies = { except: new Set() };
  const codes: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const sink = new DiagnosticSink();
    const plan = makePlan(inputFor(name, board, microkit, remedies), sink);
    if (plan !== undefined) {
      const result: BoardResult =
        codes.length === 0 ? { kind: 'plan', plan } : { kind: 'remedied', plan, codes };
      return { name, microkit, result, findings: findingsOf(plan, board) };
    }
    const error = sink.sorted().find(({ severity }) => severity === 'error');
    const code = error?.code ?? 'nothing said';
    if (error === undefined || !applyRemedy(error.code, error.hint ?? '', remedies)) {
      return { name, microkit, result: { kind: 'refused', code }, findings: [] };
    }
    codes.push(code);
  }
  return { name, microkit, result: { kind: 'refused', code: codes.at(-1) ?? '' }, findings: [] };
}

/** What is put into the request after a diagnostic. */
interface Remedies {
  readonly except: Set<string>;
  pass?: readonly string[];
  ramBase?: number;
  ramBytes?: number;
}

function inputFor(
  name: string,
  board: Board,
  microkitName: string | undefined,
  remedies: Remedies,
): PlanInput {
  const { except, ramBase, ramBytes } = remedies;
  const lines = ['board: board.dtb', 'initrd: initrd.cpio', `except: ${JSON.stringify([...except])}`];
  if (remedies.pass !== undefined) lines.push(`pass: ${JSON.stringify(remedies.pass)}`);
  if (ramBase !== undefined) lines.push(`ram: { size: 512 MiB, base: ${hex(ramBase)} }`);
  else if (ramBytes !== undefined) lines.push(`ram: ${ramBytes}`);
  const sink = new DiagnosticSink();
  const request = readRequest(lines.join('\n'), 'request.yaml', sink);
  if (request === undefined) throw new Error(sink.sorted().map(formatDiagnostic).join('\n'));
  const microkit = microkitName === undefined ? undefined : MICROKIT_BOARDS.get(microkitName);
  return {
    board,
    dtbName: name,
    request,
    ...(microkit === undefined ? {} : { microkit }),
    payloads: new Map([['linux', MEASURED]]),
  };
}

/** Does what the hint says. `false` where it names nothing that a request could do. */
function applyRemedy(code: string, hint: string, remedies: Remedies): boolean {
  switch (code) {
    case planCodes['too-many-interrupts'].code:
    case planCodes['interrupt-too-high'].code: {
      const paths = [...hint.slice(hint.indexOf('[')).matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? '');
      if (hint.includes('pass: [')) {
        if (remedies.pass !== undefined) return false;
        remedies.pass = paths;
        remedies.except.clear();
        return paths.length > 0;
      }
      for (const path of paths) remedies.except.add(path);
      return paths.length > 0;
    }
    case planCodes['ram-unknown'].code: {
      const place = /base: (0x[0-9a-f]+)/.exec(hint)?.[1];
      if (place !== undefined) remedies.ramBase = Number(place);
      return place !== undefined;
    }
    case planCodes['ram-does-not-fit'].code: {
      const mebibytes = /is ([0-9.]+) MiB/.exec(hint)?.[1];
      remedies.ramBytes = Math.floor(Number(mebibytes ?? 0) / 2) * 2 * 2 ** 20;
      return remedies.ramBytes > 0;
    }
    default:
      return false;
  }
}

/** The written description, read again and checked against the board and the guest's tree. */
function findingsOf(plan: Plan, board: Board): readonly string[] {
  const sink = new DiagnosticSink();
  const system = projectFiles(plan, board.tree).find(({ path }) => path.endsWith('.system'));
  const read = readDescription(plainSource('plan.system', String(system?.content)), sink);
  if (read !== undefined) {
    const guests = plan.guests.map(({ vm, edits }) => {
      const file = `${vm.name}.dtb`;
      return {
        vm: vm.name,
        file,
        tree: resolveTree(treeOfDtb(writeDtb(applyEdits(board.tree, edits)), file)),
      };
    });
    const microkit = plan.board.microkit === undefined ? undefined : MICROKIT_BOARDS.get(plan.board.microkit);
    checkDescription(read, { board: microkit, tree: board, guests }, sink);
  }
  return sink
    .sorted()
    .filter(({ severity }) => severity !== 'note')
    .map(formatDiagnostic);
}

/** One row of the table in `docs/plan-boards.md`. */
function boardRow({ name, microkit, result, findings }: PlannedBoard): string {
  const board = `| \`${name}\` | ${microkit ?? ''}`;
  if (result.kind === 'refused') return `${board} | refused: \`${result.code}\` | | | | |`;
  const [guest] = result.plan.guests;
  const how =
    result.kind === 'plan' ? 'plan' : `plan after ${result.codes.map((code) => `\`${code}\``).join(', ')}`;
  const checked =
    findings.length === 0 ? '' : ` **${findings.length} findings: ${findings[0]?.split('\n')[0]}**`;
  const waiting = guest?.leftOut.length ?? 0;
  return `${board} | ${how}${checked} | ${guest?.devices.length} | ${guest?.regions.length} | ${guest?.interrupts.length} | ${waiting} |`;
}

export function planBoardsPage(planned: readonly PlannedBoard[], madeFrom: string): string {
  const count = (test: (board: PlannedBoard) => boolean) => planned.filter(test).length;
  const codes = new Map<string, number>();
  for (const { result } of planned) {
    const named = result.kind === 'plan' ? [] : result.kind === 'refused' ? [result.code] : result.codes;
    for (const code of new Set(named)) codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const reasons = [...codes]
    .sort((a, b) => b[1] - a[1])
    .map(([code, boards]) => `| \`${code}\` | ${boards} |`);
  return `# Every board: "pass everything"

What \`drivervm plan\` makes of \`pass: all\` for each of the ${planned.length} arm64 boards whose trees come with Debian's kernel. Every
plan is written as a project, and its description is checked against \`drivervm check\` with the board's tree and the guest's: no
finding. Where the first try is refused, the diagnostic names a remedy, which is applied and the board planned again.

Generated by \`npm run docs\`. ${madeFrom}

- a plan at once: ${count(({ result }) => result.kind === 'plan')}
- a plan with the remedy that the diagnostic names: ${count(({ result }) => result.kind === 'remedied')}
- no guest is possible: ${count(({ result }) => result.kind === 'refused')}

| diagnostic | boards |
| --- | --- |
${reasons.join('\n')}

| board | Microkit | result | devices | regions | interrupts | left out |
| --- | --- | --- | --- | --- | --- | --- |
${planned.map(boardRow).join('\n')}
`;
}
