// Several hods at once in one project: the same install, installs and adds, with and without a tree before.
// Required: all exit 0; the tree, the lockfile and the manifest are those of some order of the commands.
import fs from 'node:fs';
import path from 'node:path';
import { remove, sleep, verdict } from '../lib/scene.mjs';

export const tries = 4;
export const packages = { count: 60 };

export default async function (scene, row) {
  const { names } = scene.synth;
  const dependencies = scene.synth.roots('^1.0.0', 12);
  for (let i = 0; i < scene.tries; i++) {
    const cache = scene.folder('cache');
    const project = scene.project('project', dependencies);
    if (i % 2 === 1) await scene.install(project, cache);
    const commands = [['install'], ['install'], ['add', `${names[20]}@^1.0.0`], ['add', `${names[21]}@^1.0.0`], ['ci']];
    if (i % 2 === 0) commands.pop(); // `ci` needs a lockfile to begin with
    const runs = await Promise.all(
      commands.map((words, k) => sleep(k * 7 * i).then(() => scene.run(words, { cwd: project, cache }))),
    );
    const failed = runs.find((run, k) => run.code !== 0 && !(commands[k][0] === 'ci' && run.code === 8));
    const tree = scene.check(project);
    const manifest = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8'));
    const added = [20, 21].every((k) => names[k] in manifest.dependencies);
    const last = await scene.frozen(project, cache);
    const pass = !failed && added && tree.ok && last.code === 0;
    row({ try: i, codes: runs.map((run) => run.code), added, pass, ...verdict(failed ?? last, tree) });
    for (const at of [project, cache]) remove(at);
  }
}
