// An installed file is edited in place (appended to, cut, replaced, made unreadable), as people and scripts do; then a
// second project is installed from the same cache, plainly and frozen. Required: it gets what was published.
import fs from 'node:fs';
import path from 'node:path';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 40 };

const edits = {
  append: (file) => fs.appendFileSync(file, '\n// edited in place\n'),
  cut: (file) => fs.truncateSync(file, 10),
  empty: (file) => fs.truncateSync(file, 0),
  overwrite: (file) => fs.writeFileSync(file, '#'.repeat(fs.statSync(file).size)),
  unreadable: (file) => fs.chmodSync(file, 0),
  executable: (file) => fs.chmodSync(file, 0o777),
};

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 10);
  const { lock } = await scene.lockFor(dependencies);
  let victim = 0;
  for (const [edit, apply] of Object.entries(edits)) {
    for (const frozen of [false, true]) {
      const cache = scene.folder('cache');
      const first = scene.project('first', dependencies, { lock });
      await scene.install(first, cache);
      const file = path.join(first, 'node_modules', scene.synth.names[victim++ % 10], 'lib0.js');
      const links = fs.statSync(file).nlink;
      apply(file);
      const second = scene.project('second', dependencies, { lock });
      const run = await (frozen ? scene.frozen(second, cache) : scene.install(second, cache));
      const tree = scene.check(second);
      const mode = fs.statSync(path.join(second, path.relative(first, file))).mode & 0o777;
      const pass = run.code === 0 && tree.ok && mode === 0o644;
      row({ edit, frozen, links, mode: mode.toString(8), pass, ...verdict(run, tree) });
      for (const at of [first, second, cache]) remove(at);
    }
  }
}
