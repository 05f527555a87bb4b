// The cache is hurt in ways that keep most of what a stat tells, or that hit its frame: lock files, folders, formats, pages.
// Then the tree is removed and an install runs, plainly, frozen and (with a whole cache elsewhere) offline.
// Required: exit code 0 only with a right tree; where the registry has everything, exit code 0 at once, or an error that
// names the file (a later format, a folder that may not be read); offline, damage is an error that says so.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const packages = { count: 24 };

const roll = random('cache-odd');
const shelf = (cache) => path.join(cache, 'store/v1/packages');
const content = (cache) => walk(shelf(cache)).filter((file) => !file.endsWith('.list'));
const some = (cache) => content(cache).filter(() => roll() < 0.3);
const folders = (cache) =>
  fs.readdirSync(shelf(cache)).flatMap((one) =>
    fs
      .readdirSync(path.join(shelf(cache), one))
      .filter((name) => !name.endsWith('.list'))
      .map((name) => path.join(shelf(cache), one, name)),
  );

/** Changes a file's bytes in place, or by another inode, with size and times as they were. */
function change(file, edit, { anew = false } = {}) {
  const stat = fs.statSync(file, { bigint: true });
  const bytes = edit(Buffer.from(fs.readFileSync(file)));
  if (anew) fs.unlinkSync(file);
  fs.writeFileSync(file, bytes, { mode: Number(stat.mode & 0o777n) });
  fs.chmodSync(file, Number(stat.mode & 0o777n));
  // Nanoseconds matter to who compares them, so not fs.utimesSync.
  execFileSync('touch', ['-m', '-d', `@${stat.mtimeNs / 1000000000n}.${String(stat.mtimeNs % 1000000000n).padStart(9, '0')}`, file]);
}
const flip = (bytes) => ((bytes[bytes.length >> 1] ^= 1), bytes);
const page = (part, number) => (cache) => {
  const file = path.join(cache, part, 'v1/index.db');
  // What is in the log only has no page of its own yet.
  execFileSync('sqlite3', [file, 'PRAGMA wal_checkpoint(TRUNCATE)']);
  const size = fs.statSync(file).size;
  const open = fs.openSync(file, 'r+');
  fs.writeSync(open, Buffer.alloc(4096), 0, 4096, Math.min(number * 4096, size - 4096));
  fs.closeSync(open);
};
const sql = (part, text) => (cache) => execFileSync('sqlite3', [path.join(cache, part, 'v1/index.db'), text]);
const inStore = (name) => (cache) => path.join(cache, 'store/v1', name);
const becomesFolder = (find) => (cache) => {
  remove(find(cache));
  fs.mkdirSync(find(cache));
};

// `frozenOnly`: what a fence of one stat cannot see, and need not.
const damages = {
  'bytes flipped, times put back': { apply: (cache) => some(cache).forEach((file) => change(file, flip)), frozenOnly: true },
  'another inode, same size and time': { apply: (cache) => some(cache).forEach((file) => change(file, flip, { anew: true })) },
  'another inode, same bytes': { apply: (cache) => some(cache).forEach((file) => change(file, (bytes) => bytes, { anew: true })) },
  'cut by one byte, times put back': { apply: (cache) => some(cache).forEach((file) => change(file, (bytes) => bytes.subarray(1))) },
  'zeros, times put back': { apply: (cache) => some(cache).forEach((file) => change(file, (bytes) => bytes.fill(0))), frozenOnly: true },
  'no mode bits': { apply: (cache) => some(cache).forEach((file) => fs.chmodSync(file, 0)) },
  'all mode bits': { apply: (cache) => some(cache).forEach((file) => fs.chmodSync(file, 0o6777)), modes: true },
  'executable bits gone': { apply: (cache) => content(cache).forEach((file) => fs.chmodSync(file, 0o644)) },
  'executable bits come': { apply: (cache) => content(cache).forEach((file) => fs.chmodSync(file, 0o755)), modes: true },
  'read-only files': { apply: (cache) => content(cache).forEach((file) => fs.chmodSync(file, fs.statSync(file).mode & 0o555)) },
  'files that became fifos': {
    apply: (cache) =>
      some(cache).forEach((file) => {
        fs.unlinkSync(file);
        execFileSync('mkfifo', [file]);
      }),
  },
  'files that became links to equal ones': {
    apply: (cache) =>
      some(cache).forEach((file, i) => {
        fs.renameSync(file, path.join(cache, `moved-${i}`));
        fs.symlinkSync(path.join(cache, `moved-${i}`), file);
      }),
  },
  'files that became links to /dev/zero': {
    apply: (cache) =>
      some(cache).forEach((file) => {
        fs.unlinkSync(file);
        fs.symlinkSync('/dev/zero', file);
      }),
  },
  'a folder below became a link': {
    apply: (cache) =>
      folders(cache).forEach((folder, i) => {
        if (!fs.existsSync(path.join(folder, 'lib'))) return;
        fs.renameSync(path.join(folder, 'lib'), path.join(cache, `lib-${i}`));
        fs.symlinkSync(path.join(cache, `lib-${i}`), path.join(folder, 'lib'));
      }),
  },
  'package folders became links': {
    apply: (cache) =>
      folders(cache).forEach((folder, i) => {
        if (i % 2) return;
        fs.renameSync(folder, path.join(cache, `package-${i}`));
        fs.symlinkSync(path.join(cache, `package-${i}`), folder);
      }),
  },
  'package folders emptied': { apply: (cache) => folders(cache).filter(() => roll() < 0.5).forEach((folder) => (remove(folder), fs.mkdirSync(folder))) },
  'package folders became files': { apply: (cache) => folders(cache).filter(() => roll() < 0.5).forEach((folder) => (remove(folder), fs.writeFileSync(folder, ''))) },
  'package folders renamed': { apply: (cache) => folders(cache).filter(() => roll() < 0.5).forEach((folder) => fs.renameSync(folder, folder + '.old')) },
  'package folders exchanged': {
    apply: (cache) => {
      const all = folders(cache);
      for (let i = 1; i < all.length; i += 2) {
        fs.renameSync(all[i], all[i] + '.x');
        fs.renameSync(all[i - 1], all[i]);
        fs.renameSync(all[i] + '.x', all[i - 1]);
      }
    },
  },
  'files more than published': {
    apply: (cache) =>
      folders(cache).forEach((folder) => {
        fs.writeFileSync(path.join(folder, 'index.json'), '{}');
        fs.mkdirSync(path.join(folder, 'more'));
        fs.writeFileSync(path.join(folder, 'more/index.js'), 'throw 1');
      }),
  },
  'folders without rights': { apply: (cache) => folders(cache).filter(() => roll() < 0.5).forEach((folder) => fs.chmodSync(folder, 0)), user: true, mayFail: true },
  'a store without write rights': { apply: (cache) => fs.chmodSync(path.join(cache, 'store/v1'), 0o500), user: true, mayFail: true },
  'a cache without any rights': { apply: (cache) => fs.chmodSync(cache, 0), user: true, mayFail: true },
  'indices without rights': { apply: (cache) => ['store', 'metadata'].forEach((part) => fs.chmodSync(path.join(cache, part, 'v1/index.db'), 0)), user: true, mayFail: true },
  'read-only indices': { apply: (cache) => ['store', 'metadata'].forEach((part) => fs.chmodSync(path.join(cache, part, 'v1/index.db'), 0o400)), user: true, mayFail: true },
  'a store of a later format': { apply: sql('store', 'PRAGMA user_version=999'), mayFail: true, says: /STORE_TOO_NEW/ },
  'metadata of a later format': { apply: sql('metadata', 'PRAGMA user_version=999'), mayFail: true, says: /STORE_TOO_NEW/ },
  'a store of another program': { apply: sql('store', 'PRAGMA application_id=7'), mayFail: true },
  'no tables': { apply: sql('store', 'DROP TABLE packages; DROP TABLE digests') },
  'tables of other columns': { apply: sql('store', 'DROP TABLE packages; CREATE TABLE packages(a, b)') },
  'rows of nonsense': { apply: sql('store', "UPDATE packages SET entry = randomblob(200), boot = x'00ff', used = 'x'") },
  'rows without entries': { apply: sql('store', "UPDATE packages SET entry = x''") },
  'rows exchanged': { apply: sql('store', 'UPDATE packages SET entry = (SELECT entry FROM packages ORDER BY key LIMIT 1)') },
  'rows doubled under other keys': { apply: sql('store', 'INSERT OR IGNORE INTO packages SELECT key + 1, used, boot, entry, proved, layer FROM packages') },
  'a row gone': { apply: sql('store', 'DELETE FROM packages WHERE key IN (SELECT key FROM packages LIMIT 3)') },
  'metadata rows of nonsense': { apply: sql('metadata', 'UPDATE records SET key = key + 1') },
  'store: a page of zeros (1)': { apply: page('store', 0) },
  'store: a page of zeros (2)': { apply: page('store', 1) },
  'store: a page of zeros (last)': { apply: page('store', 1e6) },
  'metadata: a page of zeros (1)': { apply: page('metadata', 0) },
  'metadata: a page of zeros (2)': { apply: page('metadata', 1) },
  'the store index is a folder': { apply: becomesFolder(inStore('index.db')) },
  'the log is a folder': { apply: becomesFolder(inStore('index.db-wal')) },
  'gc.lock is a folder': { apply: becomesFolder(inStore('gc.lock')), mayFail: true, says: /gc\.lock/ },
  'downloads.lock is a folder': { apply: becomesFolder(inStore('downloads.lock')), mayFail: true, says: /downloads\.lock/ },
  'lock files gone': { apply: (cache) => ['gc.lock', 'downloads.lock', 'index.lock'].forEach((name) => remove(inStore(name)(cache))) },
  'lock files with text': { apply: (cache) => ['gc.lock', 'downloads.lock', 'index.lock'].forEach((name) => fs.writeFileSync(inStore(name)(cache), '12345 host\n')) },
  'packages is a file': { apply: (cache) => (remove(shelf(cache)), fs.writeFileSync(shelf(cache), '')), mayFail: true },
  'metadata is a file': { apply: (cache) => (remove(path.join(cache, 'metadata')), fs.writeFileSync(path.join(cache, 'metadata'), '')), mayFail: true },
  'history is a file': { apply: (cache) => (remove(path.join(cache, 'history')), fs.writeFileSync(path.join(cache, 'history'), '')) },
  'history of noise': { apply: (cache) => walk(path.join(cache, 'history')).forEach((file) => fs.writeFileSync(file, 'noise')) },
};

const modesOf = (project) =>
  walk(path.join(project, 'node_modules'))
    .filter((file) => !file.includes('/.hod/') || file.includes('@'))
    .filter((file) => {
      const mode = fs.statSync(file).mode & 0o7777;
      return mode !== (/\/bin\//.test(file) ? 0o755 : 0o644) && !/\/\.hod\/(state|lock|journal)/.test(file);
    });

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 8);
  const { lock } = await scene.lockFor(dependencies);
  const user = process.getuid() === 0 ? 65534 : undefined;
  if (user) fs.chmodSync(path.dirname(scene.work), 0o755);
  for (const [damage, { apply, ...given }] of Object.entries(damages)) {
    for (const way of ['plain', 'frozen', 'offline']) {
      if (given.frozenOnly && way === 'plain') continue;
      const cache = scene.folder('cache');
      const first = scene.project('first', dependencies);
      const second = scene.project('second', dependencies, way === 'plain' ? {} : { lock });
      const options = given.user && user ? { asUser: user, env: { HOME: cache } } : {};
      if (options.asUser) for (const at of [cache, first, second, ...walk(first), ...walk(second)]) fs.chownSync(at, user, user);
      const prepared = await scene.install(first, cache, options);
      if (prepared.code !== 0) throw new Error(prepared.out);
      remove(path.join(first, 'node_modules'));
      apply(cache);
      const run = way === 'plain' ? await scene.install(second, cache, options) : await scene.run(['ci', ...(way === 'offline' ? ['--offline'] : [])], { cwd: second, cache, ...options });
      const tree = scene.check(second);
      const modes = run.code === 0 ? modesOf(second) : [];
      const offline = way === 'offline';
      const fails = run.code > 0 && /\[[A-Z_]+\]/.test(run.out) && (!given.says || given.says.test(run.out));
      let pass = run.code === 0 ? tree.ok && modes.length === 0 : fails && (given.mayFail || offline);
      pass &&= !run.timedOut && run.signal === null && run.ms < 20_000 && !/INTERNAL/.test(run.out);
      let again;
      if (pass && !given.mayFail) {
        again = await scene.install(second, cache, options);
        const after = scene.check(second);
        pass = again.code === 0 && after.ok && modesOf(second).length === 0;
      }
      row({ damage, way, pass, modes: modes.length, again: again?.code, ...verdict(run, tree) });
      execFileSync('chmod', ['-R', 'u+rwx', cache]);
      for (const at of [first, second, cache]) remove(at);
    }
  }
}
