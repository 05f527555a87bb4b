// SIGKILL at a random moment of a change to an installed project: other ranges in the manifest, `hod add`, `hod remove`,
// another layout, `hod ci`. Required: manifest and lockfile are each the old bytes or the new ones, and a new manifest
// never stands beside an old lockfile; each package folder is whole; the rerun exits 0 and the tree is right.
import fs from 'node:fs';
import path from 'node:path';
import { brokenPackages } from '../lib/judge.mjs';
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const packages = { count: 60 };
export const tries = 8;

const read = (project, file) => fs.readFileSync(path.join(project, file), 'utf8');

export default async function (scene, row) {
  const { synth } = scene;
  const { names } = synth;
  const dependencies = synth.roots('^1.0.0', 14);
  const edit = (change) => (project) => {
    const manifest = JSON.parse(read(project, 'package.json'));
    change(manifest.dependencies);
    fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2) + '\n');
  };
  const changes = {
    'other ranges': { prepare: edit((all) => names.slice(0, 5).forEach((name) => (all[name] = '^2.0.0'))), words: ['install'] },
    'fewer packages': { prepare: edit((all) => names.slice(2, 9).forEach((name) => delete all[name])), words: ['install'] },
    add: { words: ['add', `${names[20]}@^2.0.0`, `${names[30]}@^1.0.0`] },
    remove: { words: ['remove', names[0], names[3]] },
    'another layout': { words: ['install', '--layout=hoisted'] },
    ci: { words: ['ci'] },
  };
  const roll = random('kill-update');
  for (const [title, { prepare, words }] of Object.entries(changes)) {
    const cache = scene.folder('cache');
    const begin = async () => {
      const project = scene.project('project', dependencies);
      const run = await scene.install(project, cache);
      if (run.code !== 0) throw new Error(run.out);
      prepare?.(project);
      return project;
    };
    const reference = await begin();
    const was = { manifest: read(reference, 'package.json'), lock: read(reference, 'hod.lock') };
    const whole = await scene.run(words, { cwd: reference, cache });
    const is = { manifest: read(reference, 'package.json'), lock: read(reference, 'hod.lock') };
    if (whole.code !== 0) throw new Error(whole.out);
    remove(reference);
    for (let i = 0; i < scene.tries; i++) {
      const project = await begin();
      const killAfter = Math.round(whole.ms * (0.1 + (0.9 * (i + roll())) / scene.tries));
      const killed = await scene.run(words, { cwd: project, cache, killAfter });
      const manifest = read(project, 'package.json');
      const lock = read(project, 'hod.lock');
      const bad = [];
      if (![was.manifest, is.manifest].includes(manifest)) bad.push('the manifest is neither old nor new');
      if (![was.lock, is.lock].includes(lock)) bad.push('the lockfile is neither old nor new');
      if (manifest === is.manifest && was.manifest !== is.manifest && lock !== is.lock) bad.push('new manifest, old lockfile');
      bad.push(...brokenPackages(project, synth).map((folder) => 'broken: ' + folder));
      const again = await scene.run(manifest === is.manifest ? ['install', ...words.filter((word) => word.startsWith('--'))] : words, { cwd: project, cache });
      const tree = scene.check(project);
      const right = read(project, 'package.json') === is.manifest && read(project, 'hod.lock') === is.lock;
      const pass = bad.length === 0 && again.code === 0 && tree.ok && right;
      row({ change: title, try: i, killAfter, killed: killed.signal === 'SIGKILL', right, faults: bad.slice(0, 3), pass, ...verdict(again, tree) });
      remove(project);
    }
    remove(cache);
  }
}
