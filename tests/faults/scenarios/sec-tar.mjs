// Hostile tarballs with a right integrity. Required: nothing outside the package's folder is made or changed; no link,
// device, set-id or world-writable file is left. Failing the install is fine, too. T-TAR-01 … T-TAR-12
import fs from 'node:fs';
import path from 'node:path';
import { remove } from '../lib/scene.mjs';
import { gzip, tar } from '../lib/tar.mjs';

export const packages = { count: 12 };

const manifest = (name) => ({ path: 'package/package.json', data: JSON.stringify({ name, version: '1.0.0' }) });
const pax = (...records) => ({
  path: 'PaxHeader',
  type: 'x',
  data: records
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length++;
      return length + rest;
    })
    .join(''),
});

/** name → (package's name, a secret file's path, a path to plant at) → entries */
const cases = {
  dotdot: (name) => [manifest(name), { path: 'package/../../../../PWNED', data: 'x' }],
  'dotdot-first': (name) => [manifest(name), { path: '../PWNED', data: 'x' }],
  'dotdot-last': (name) => [manifest(name), { path: 'package/a/..', data: 'x' }],
  'dotdot-by-pax': (name) => [manifest(name), pax(['path', 'package/../../../PWNED']), { path: 'package/a', data: 'x' }],
  'dotdot-by-gnu-name': (name) => [
    manifest(name),
    { path: '././@LongLink', type: 'L', data: 'package/../../../PWNED\0' },
    { path: 'package/a', data: 'x' },
  ],
  absolute: (name, secret, plant) => [manifest(name), { path: plant, data: 'x' }],
  'absolute-by-pax': (name, secret, plant) => [manifest(name), pax(['path', plant]), { path: 'package/a', data: 'x' }],
  backslash: (name) => [manifest(name), { path: 'package/..\\..\\PWNED', data: 'x' }],
  'drive-letter': (name) => [manifest(name), { path: 'package/C:\\PWNED', data: 'x' }],
  'symlink-file': (name, secret) => [manifest(name), { path: 'package/leak', type: '2', link: secret }],
  'symlink-by-pax': (name, secret) => [
    manifest(name),
    pax(['linkpath', secret]),
    { path: 'package/leak', type: '2', link: 'x' },
  ],
  'symlink-then-write': (name, secret) => [
    manifest(name),
    { path: 'package/d', type: '2', link: path.dirname(secret) },
    { path: 'package/d/PWNED', data: 'x' },
  ],
  'symlink-as-package': (name, secret) => [
    { path: 'package', type: '2', link: path.dirname(secret) },
    manifest(name),
    { path: 'package/PWNED', data: 'x' },
  ],
  'hardlink-outside': (name, secret) => [manifest(name), { path: 'package/leak', type: '1', link: secret }],
  'hardlink-relative': (name, secret) => [
    manifest(name),
    { path: 'package/leak', type: '1', link: '../'.repeat(14) + secret.slice(1) },
  ],
  setuid: (name) => [manifest(name), { path: 'package/suid', data: 'x', mode: 0o6777 }],
  'mode-000': (name) => [manifest(name), { path: 'package/zero', data: 'x', mode: 0 }],
  'folder-mode-000': (name) => [
    manifest(name),
    { path: 'package/sub/', type: '5', mode: 0 },
    { path: 'package/sub/f.js', data: 'x' },
  ],
  fifo: (name) => [manifest(name), { path: 'package/fifo', type: '6' }],
  chardev: (name) => [manifest(name), { path: 'package/dev', type: '3' }],
  blockdev: (name) => [manifest(name), { path: 'package/dev', type: '4' }],
  'unknown-type': (name) => [manifest(name), { path: 'package/what', type: 'Z', data: 'x' }],
  'duplicate-entry': (name) => [
    manifest(name),
    { path: 'package/a.js', data: 'first' },
    { path: 'package/a.js', data: 'second' },
  ],
  'second-manifest': (name) => [
    manifest(name),
    { path: 'package/package.json', data: JSON.stringify({ name: 'other', version: '9.9.9' }) },
  ],
  'file-then-folder': (name) => [
    manifest(name),
    { path: 'package/x', data: 'file' },
    { path: 'package/x/y', data: 'under' },
  ],
  'folder-then-file': (name) => [
    manifest(name),
    { path: 'package/x/y', data: 'under' },
    { path: 'package/x', data: 'file' },
  ],
  'upper-and-lower': (name) => [
    manifest(name),
    { path: 'package/FOO', data: 'a' },
    { path: 'package/foo', data: 'b' },
  ],
  'node_modules-inside': (name) => [
    manifest(name),
    { path: 'package/node_modules/.bin/node', data: '#!/bin/sh\n', mode: 0o755 },
  ],
  'hod-inside': (name) => [manifest(name), { path: 'package/.hod/state', data: 'x' }],
  'top-folder-differs': (name) => [
    { path: 'other/package.json', data: manifest(name).data },
    { path: 'third/file.js', data: 'x' },
  ],
  'no-manifest': () => [{ path: 'package/index.js', data: 'x' }],
  'manifest-a-folder': () => [{ path: 'package/package.json/', type: '5' }],
  'claims-more': (name) => [manifest(name), { path: 'package/a', data: 'x', claimSize: 1 << 30 }],
  'claims-negative': (name) => [manifest(name), { path: 'package/a', data: 'x', claimSize: 0xffffffff }],
  'pax-broken': (name) => [manifest(name), { path: 'p', type: 'x', data: '999 path=zzz\n' }, { path: 'package/a', data: 'x' }],
  'nul-in-pax': (name) => [manifest(name), pax(['path', 'package/a\0b']), { path: 'package/a', data: 'x' }],
};

const broken = (name) => gzip(tar([manifest(name)]));
const tarballs = {
  'no-gzip': (name) => tar([manifest(name)]),
  'cut-gzip': (name) => broken(name).subarray(0, 60),
  'cut-in-trailer': (name) => broken(name).subarray(0, -4),
  'garbage-after': (name) => Buffer.concat([broken(name), Buffer.from('garbage')]),
  'two-members': (name) => Buffer.concat([gzip(tar([manifest(name)]).subarray(0, 512)), gzip(tar([manifest(name)]).subarray(512))]),
  empty: () => Buffer.alloc(0),
  'gzip-of-nothing': () => gzip(Buffer.alloc(0)),
  'a-zip': () => Buffer.from('PK\x03\x04'.padEnd(300, '\0'), 'latin1'),
  'a-rar': () => Buffer.from('Rar!\x1a\x07\x00'.padEnd(300, '\0'), 'latin1'),
};

/** What is wrong below `project`. */
function faultsBelow(project, inPackage) {
  const bad = [];
  const look = (folder, shown) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const at = path.join(folder, entry.name);
      const name = `${shown}/${entry.name}`;
      const stat = fs.lstatSync(at);
      if (stat.isFIFO() || stat.isCharacterDevice() || stat.isBlockDevice()) bad.push('special file ' + name);
      if (stat.mode & 0o6000) bad.push('set-id ' + name);
      if (stat.mode & 0o022 && !stat.isSymbolicLink()) bad.push('writable by others ' + name);
      if (/PWNED/.test(entry.name) && !name.includes(inPackage)) bad.push('planted ' + name);
      if (stat.isSymbolicLink() && name.includes(inPackage)) bad.push('symlink ' + name);
      if (entry.name === 'leak' && stat.isFile()) bad.push('link to outside ' + name);
      if (entry.isDirectory()) look(at, name);
    }
  };
  look(project, '');
  return bad;
}

export default async function (scene, row) {
  const outside = scene.folder('outside');
  const secret = path.join(outside, 'secret.txt');
  const plant = path.join(outside, 'ABS-PWNED');
  let made = 0;
  const all = [
    ...Object.entries(cases).map(([title, entries]) => [title, (name) => ({ entries: entries(name, secret, plant) })]),
    ...Object.entries(tarballs).map(([title, tarball]) => [title, (name) => ({ tarball: tarball(name) })]),
  ];
  for (const [title, content] of all) {
    fs.writeFileSync(secret, 'secret');
    const name = `evil-tar-${++made}`;
    scene.synth.add({ name, version: '1.0.0' }, new Map(), content(name));
    const project = scene.project('project', { [name]: '1.0.0' });
    const cache = scene.folder('cache');
    const run = await scene.install(project, cache, { timeout: 60_000 });
    const bad = faultsBelow(project, `/node_modules/${name}/`);
    bad.push(...fs.readdirSync(outside).filter((file) => file !== 'secret.txt').map((file) => 'outside: ' + file));
    if (fs.readFileSync(secret, 'utf8') !== 'secret') bad.push('the secret was overwritten');
    for (const above of [scene.work, path.dirname(scene.work), '/']) {
      if (fs.existsSync(path.join(above, 'PWNED'))) bad.push('planted above');
    }
    const told = run.code === 0 || run.code === (title === 'empty' ? 6 : 5);
    row({ case: title, code: run.code, pass: bad.length === 0 && told, bad: bad.slice(0, 4), tail: run.code ? run.out.slice(0, 200) : undefined });
    for (const at of [project, cache]) remove(at);
  }
}
