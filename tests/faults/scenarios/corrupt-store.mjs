// The cache is damaged between two installs: files of packages emptied, cut, lengthened, removed or exchanged, whole
// packages gone, the index and the metadata overwritten at many places, emptied or removed. Then node_modules is removed
// and an install runs, plainly and frozen. Required: exit code 0 and a right tree (the registry still has everything).
import fs from 'node:fs';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const packages = { count: 40 };
export const tries = 2;

function damages(roll) {
  const one = (list) => list[Math.floor(roll() * list.length)];
  const content = (cache) => walk(path.join(cache, 'store/v1/packages')).filter((file) => !file.endsWith('.list'));
  const database = (part) => (cache) => path.join(cache, part, 'v1/index.db');
  const overwrite = (find, howMany, size) => (cache) => {
    const file = find(cache);
    const length = fs.statSync(file).size;
    const open = fs.openSync(file, 'r+');
    for (let i = 0; i < howMany; i++) {
      const bytes = Buffer.from(Array.from({ length: size }, () => Math.floor(roll() * 256)));
      fs.writeSync(open, bytes, 0, size, Math.floor(roll() * Math.max(1, length - size)));
    }
    fs.closeSync(open);
  };
  const each = (change) => (cache) => content(cache).filter(() => roll() < 0.2).forEach(change);
  const out = {
    'files emptied': each((file) => fs.truncateSync(file, 0)),
    'files cut': each((file) => fs.truncateSync(file, fs.statSync(file).size >> 1)),
    'files of zeros': each((file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size))),
    'files longer': each((file) => fs.appendFileSync(file, 'x')),
    'files removed': each((file) => fs.unlinkSync(file)),
    'files exchanged': (cache) => {
      const files = content(cache).filter(() => roll() < 0.2);
      for (let i = 1; i < files.length; i += 2) {
        fs.renameSync(files[i], files[i] + '.x');
        fs.renameSync(files[i - 1], files[i]);
        fs.renameSync(files[i] + '.x', files[i - 1]);
      }
    },
    'files that became folders': each((file) => {
      fs.unlinkSync(file);
      fs.mkdirSync(file);
    }),
    'files that became links': each((file) => {
      fs.renameSync(file, file + '.real');
      fs.symlinkSync(file + '.real', file);
    }),
    'touched files': each((file) => fs.utimesSync(file, 1, 1)),
    'a package gone': (cache) => {
      const shelf = path.join(cache, 'store/v1/packages');
      const folder = path.join(shelf, one(fs.readdirSync(shelf)));
      remove(path.join(folder, one(fs.readdirSync(folder).filter((name) => !name.endsWith('.list')))));
    },
    'all packages gone': (cache) => remove(path.join(cache, 'store/v1/packages')),
    'all lists gone': (cache) => walk(path.join(cache, 'store/v1/packages')).filter((file) => file.endsWith('.list')).forEach((file) => fs.unlinkSync(file)),
    'lists of noise and no index': (cache) => {
      const lists = walk(path.join(cache, 'store/v1/packages')).filter((file) => file.endsWith('.list'));
      for (const file of lists) if (roll() < 0.5) fs.truncateSync(file, 40);
      remove(database('store')(cache));
    },
    'the store copied': (cache) => {
      fs.cpSync(cache, cache + '.copy', { recursive: true });
      remove(cache);
      fs.renameSync(cache + '.copy', cache);
    },
    'records emptied': (cache) => walk(path.join(cache, 'metadata')).filter((file) => /records/.test(file)).forEach((file) => fs.truncateSync(file, 0)),
    'records of zeros': (cache) => walk(path.join(cache, 'metadata')).filter((file) => /records/.test(file)).forEach((file) => fs.writeFileSync(file, Buffer.alloc(fs.statSync(file).size))),
    'records overwritten': (cache) => walk(path.join(cache, 'metadata')).filter((file) => /records/.test(file)).forEach((file) => overwrite(() => file, 30, 16)(cache)),
    'records gone': (cache) => walk(path.join(cache, 'metadata')).filter((file) => /records/.test(file)).forEach((file) => fs.unlinkSync(file)),
    'the metadata gone': (cache) => remove(path.join(cache, 'metadata')),
    'no store folder': (cache) => remove(path.join(cache, 'store')),
    'tmp is a file': (cache) => {
      remove(path.join(cache, 'store/v1/tmp'));
      fs.writeFileSync(path.join(cache, 'store/v1/tmp'), '');
    },
  };
  for (const part of ['store', 'metadata']) {
    const index = database(part);
    Object.assign(out, {
      [`${part} index overwritten`]: overwrite(index, 40, 64),
      [`${part} index: a byte here and there`]: overwrite(index, 200, 1),
      [`${part} index: its header`]: (cache) => fs.writeFileSync(index(cache), 'x'.repeat(100), { flag: 'r+' }),
      [`${part} index emptied`]: (cache) => fs.truncateSync(index(cache), 0),
      [`${part} index cut`]: (cache) => fs.truncateSync(index(cache), fs.statSync(index(cache)).size >> 1),
      [`${part} index of noise`]: (cache) => fs.writeFileSync(index(cache), Buffer.alloc(20_000, 'noise')),
      [`${part} index removed`]: (cache) => remove(index(cache)),
      [`${part} index removed, its log left`]: (cache) => {
        fs.writeFileSync(index(cache) + '-wal', Buffer.alloc(9000, 'w'));
        remove(index(cache));
      },
      [`${part} index log of noise`]: (cache) => fs.writeFileSync(index(cache) + '-wal', Buffer.alloc(9000, 'w')),
      [`${part} index log removed`]: (cache) => remove(index(cache) + '-wal'),
      [`${part} index is a link`]: (cache) => {
        fs.renameSync(index(cache), index(cache) + '.real');
        fs.symlinkSync(index(cache) + '.real', index(cache));
      },
    });
  }
  return out;
}

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 12);
  const { lock } = await scene.lockFor(dependencies);
  const roll = random('corrupt-store');
  for (const [damage, apply] of Object.entries(damages(roll))) {
    for (const frozen of [false, true]) {
      for (let i = 0; i < scene.tries; i++) {
        const cache = scene.folder('cache');
        const first = scene.project('first', dependencies);
        await scene.install(first, cache);
        apply(cache);
        // Plain: the lockfile has to be made anew, so that the metadata is needed as well.
        const second = scene.project('second', dependencies, frozen ? { lock } : {});
        const run = await (frozen ? scene.frozen(second, cache) : scene.install(second, cache));
        const tree = scene.check(second);
        const again = await scene.frozen(second, cache);
        const after = scene.check(second);
        const pass = run.code === 0 && tree.ok && again.code === 0 && after.ok;
        if (!pass || i === 0) row({ damage, frozen, try: i, pass, ...verdict(run, tree), again: again.code });
        for (const at of [first, second, cache]) remove(at);
      }
    }
  }
}
