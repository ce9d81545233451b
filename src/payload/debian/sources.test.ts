/** Which mirror is chosen from a host's apt configuration. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isDebianSource,
  parseDeb822Sources,
  parseSourceLines,
  printDeb822Sources,
  sourcesForSuite,
} from './sources.ts';

const DEB822 = `# the distribution
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
URIs: https://vendor.example/repo
Suites: trixie
Components: stable
Signed-By: /usr/share/keyrings/vendor.gpg

Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main
`;

test('deb822 sources: the distribution is taken, vendors and what is switched off are not', () => {
  const sources = parseDeb822Sources(DEB822);
  assert.deepEqual(
    sources.map((source) => [source.uris[0], isDebianSource(source)]),
    [
      ['http://mirror.example/debian', true],
      ['http://mirror.example/debian-security', true],
      ['https://vendor.example/repo', false],
    ],
  );
});

test('the mirror of another release serves the suite that is asked for', () => {
  const chosen = sourcesForSuite(parseDeb822Sources(DEB822), 'bookworm');
  assert.equal(
    printDeb822Sources(chosen),
    `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: 
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----
`,
  );
  assert.deepEqual(parseDeb822Sources(printDeb822Sources(chosen)), chosen);
});

test('one-line sources: options, comments, third parties, discs', () => {
  const sources = parseSourceLines(`
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://a.example/debian bookworm main # ours
deb http://b.example/debian-security/ bookworm-security main contrib
deb [signed-by=/etc/apt/keyrings/vendor.asc] https://vendor.example/linux/debian bookworm stable
deb https://vendor.example/apt bookworm-vendor main
deb cdrom:[Debian GNU/Linux 12]/ bookworm main
deb http://ubuntu.example/ubuntu noble main
deb http://flat.example/ ./
`);
  assert.deepEqual(
    sources.filter(isDebianSource).map(({ uris, signedBy }) => [uris[0], signedBy]),
    [
      ['http://a.example/debian', '/usr/share/keyrings/debian-archive-keyring.gpg'],
      ['http://b.example/debian-security/', undefined],
    ],
  );
});

test('a host without a security entry, and one without Debian at all', () => {
  const [main] = parseSourceLines('deb http://a.example/debian stable main');
  assert.ok(main !== undefined);
  assert.deepEqual(
    sourcesForSuite([main], 'bookworm').map(({ suites }) => suites),
    [['bookworm', 'bookworm-updates']],
  );
  assert.deepEqual(
    sourcesForSuite([main], 'sid').map(({ suites }) => suites),
    [['sid']],
  );
  assert.deepEqual(
    sourcesForSuite(parseSourceLines('deb http://u.example/ubuntu noble main'), 'bookworm'),
    [],
  );
});
