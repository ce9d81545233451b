import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PAM_FILES, pamFile } from './pam.ts';

const UNIX = `Name: Unix
Default: yes
Priority: 256
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_unix.so nullok try_first_pass
Auth-Initial:
	[success=end default=ignore]	pam_unix.so nullok
Session-Type: Additional
Session:
	required	pam_unix.so
`;
const SYSTEMD = `Name: systemd
Default: yes
Priority: 0
Session-Interactive-Only: yes
Session-Type: Additional
Session:
	optional	pam_systemd.so
`;
const FIRST = `Name: first
Default: yes
Priority: 512
Auth-Type: Primary
Auth:
	[success=end default=ignore]	pam_first.so
`;
const OFF = FIRST.replace('Default: yes', 'Default: no');

const templateOf = (variable: string): string =>
  `# one\n$${variable}_primary\nend\tpam_deny.so\n$${variable}_additional\n`;
function made(file: (typeof PAM_FILES)[number]['file'], profiles: readonly string[]): string {
  const kind = PAM_FILES.find((known) => known.file === file);
  assert.ok(kind !== undefined);
  return pamFile(kind, templateOf(kind.variable), profiles);
}

test('one primary module: it skips what denies', () => {
  assert.equal(
    made('common-auth', [SYSTEMD, UNIX, OFF]),
    '# one\nauth\t[success=1 default=ignore]\tpam_unix.so nullok\nend\tpam_deny.so\n',
  );
});

test('several: by priority, each past the rest, and only the first as the first', () => {
  assert.equal(
    made('common-auth', [UNIX, FIRST]),
    '# one\nauth\t[success=2 default=ignore]\tpam_first.so\n' +
      'auth\t[success=1 default=ignore]\tpam_unix.so nullok try_first_pass\nend\tpam_deny.so\n',
  );
});

test('a block without a primary module, and sessions that nobody sits at', () => {
  const [permit, unix] = ['session\t[default=1]\t\t\tpam_permit.so\n', 'session\trequired\tpam_unix.so\n'];
  assert.equal(
    made('common-session', [SYSTEMD, UNIX]),
    `# one\n${permit}end\tpam_deny.so\n${unix}session\toptional\tpam_systemd.so\n`,
  );
  assert.equal(
    made('common-session-noninteractive', [SYSTEMD, UNIX]),
    `# one\n${permit}end\tpam_deny.so\n${unix}`,
  );
});
