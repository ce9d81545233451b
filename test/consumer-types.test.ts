/** The published types in the project of somebody who imports drivervm, with the browser's types and without. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from './support/files.ts';

const { exports } = JSON.parse(readFileSync(join(PROJECT_ROOT, 'package.json'), 'utf8'));
const ROOMS = Object.keys(exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.slice('./'.length));

/** Every room, and a use of some that is checked. */
const CONSUMER = `
${ROOMS.map((room) => `import * as ${room} from 'drivervm/${room}';`).join('\n')}
export const rooms = { ${ROOMS.join(', ')} };
export async function planned(host: base.Host): Promise<readonly base.Diagnostic[]> {
  const sink = new base.DiagnosticSink();
  const planned = workspace.planRequest(host, { overrides: {}, output: 'out' }, sink);
  if (planned !== undefined) await workspace.writeProject(host.files, 'out', planned.files, {}, sink);
  return sink.sorted();
}
// @ts-expect-error: a number is no host.
workspace.planRequest(1);
`;

const LIBRARIES = {
  'without lib.dom': { lib: ['es2023'], types: [] },
  'with lib.dom': { lib: ['es2023', 'dom'], types: [] },
  'with lib.dom and Node’s types': { lib: ['es2023', 'dom'], types: ['node'] },
} as const;

const COMPILER_OPTIONS = {
  target: 'es2023',
  module: 'nodenext',
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
};

for (const [name, libraries] of Object.entries(LIBRARIES)) {
  test(`the published types compile ${name}`, () => {
    const project = mkdtempSync(join(tmpdir(), 'drivervm-consumer-'));
    try {
      mkdirSync(join(project, 'node_modules'));
      symlinkSync(PROJECT_ROOT, join(project, 'node_modules', 'drivervm'));
      symlinkSync(join(PROJECT_ROOT, 'node_modules', '@types'), join(project, 'node_modules', '@types'));
      writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
      writeFileSync(join(project, 'consumer.ts'), CONSUMER);
      const settings = { compilerOptions: { ...COMPILER_OPTIONS, ...libraries }, files: ['consumer.ts'] };
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(settings));
      const tsc = join(PROJECT_ROOT, 'node_modules', '.bin', 'tsc');
      const { status, stdout } = spawnSync(tsc, ['-p', project], { encoding: 'utf8' });
      assert.equal(stdout.slice(0, 4000), '');
      assert.equal(status, 0);
    } finally {
      rmSync(project, { recursive: true });
    }
  });
}
