// One byte of a cached file is changed on disk (same length, time put back), node_modules is removed, and a frozen
// install runs. Required: the damage is healed; never exit code 0 with a wrong tree.
import fs from 'node:fs';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const tries = 12;

export default async function (scene, row) {
  const dependencies = scene.synth.roots();
  const { lock } = await scene.lockFor(dependencies);
  const roll = random('corrupt-flip');
  const cache = scene.folder('cache');
  const project = scene.project('project', dependencies, { lock });
  await scene.frozen(project, cache);
  for (let i = 0; i < scene.tries; i++) {
    const files = walk(path.join(cache, 'store/v1/packages')).filter((file) => !file.endsWith('.list'));
    const file = files[Math.floor(roll() * files.length)];
    const { atime, mtime } = fs.statSync(file);
    const bytes = fs.readFileSync(file);
    bytes[bytes.length >> 1] ^= 1;
    const open = fs.openSync(file, 'r+');
    fs.writeSync(open, bytes, 0, bytes.length, 0);
    fs.closeSync(open);
    fs.utimesSync(file, atime, mtime);
    remove(path.join(project, 'node_modules'));
    const run = await scene.frozen(project, cache);
    const tree = scene.check(project);
    row({ try: i, file: path.relative(cache, file), pass: run.code === 0 && tree.ok, ...verdict(run, tree) });
  }
}
