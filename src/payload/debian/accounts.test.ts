import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shadowed } from './accounts.ts';

test('passwords move to shadow(5); root has none to give, nobody else can log in', () => {
  const { passwd, shadow } = shadowed(
    'root:*:0:0:root:/root:/bin/bash\nmail:*:8:8:mail:/var/mail:/usr/sbin/nologin\n',
    86_400 * 20_000 + 5,
  );
  assert.equal(passwd, 'root:x:0:0:root:/root:/bin/bash\nmail:x:8:8:mail:/var/mail:/usr/sbin/nologin\n');
  assert.equal(shadow, 'root::20000:0:99999:7:::\nmail:*:20000:0:99999:7:::\n');
});
