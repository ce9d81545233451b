/** The commands in the heads of the examples' requests, which `npm run example` runs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandsOf } from '../examples/commands.ts';
import { PROJECT_ROOT } from './support/files.ts';

test('commands are what is indented in the first comment, with what continues behind a backslash', () => {
  const request = `# A title.
#
#     drivervm payload debian -o p \\
#       --modules a,b
#     cp a b
#
# Then words.
name: x
#     not this
`;
  assert.deepEqual(commandsOf(request), ['drivervm payload debian -o p --modules a,b', 'cp a b']);
  assert.deepEqual(commandsOf('name: x\n'), []);
});

test('where a request says commands they make what it names, plan it and run it', () => {
  const examples = join(PROJECT_ROOT, 'examples');
  const requests = readdirSync(examples, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => ({ path, commands: commandsOf(readFileSync(join(examples, path), 'utf8')) }))
    .filter(({ commands }) => commands.length > 0);
  assert.deepEqual(requests.map(({ path }) => path).sort(), [
    'odroidc4/emmc.yaml',
    'odroidc4/shared-uart.yaml',
    'served/console/request.yaml',
    'served/disk/request.yaml',
    'served/network/request.yaml',
    'shared/emmc/request.yaml',
    'shared/in-typescript/request.yaml',
    'shared/on-sel4/request.yaml',
    'shared/two-guests/request.yaml',
    'shared/wire/request.yaml',
  ]);
  for (const { path, commands } of requests) {
    assert.match(commands[0] ?? '', /^drivervm payload debian .*-o \.\.\//, path);
    assert.match(commands.at(-2) ?? '', /^drivervm plan \S+\.yaml -o project$/, path);
    assert.match(commands.at(-1) ?? '', /^drivervm run project/, path);
  }
});
