#!/usr/bin/env node
// The power goes: see README.md. What hod does to the disk is recorded, then disks that a power cut may leave are built,
// each from a random moment and a random fate of everything that was not synced, and looked at after the reboot.
// usage: power_loss.mjs [--lie: as if nothing were ever synced; must fail] --shim LIBRARY [--hod BINARY] [--scene cold,update,…] [--disks N] [--seed TEXT] [--only N] [--work FOLDER]
//
// Required of each disk: lockfile and manifest are each old or new, and not the new manifest with the old lockfile (P1, P7);
// then the same command ends well with a right tree, whatever is left of store, databases and tree (P2, P3, P5).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { materialise, possibleDisk, readLog, snapshot } from './lib/disk.mjs';
import { brokenFiles, filesOf } from './lib/judge.mjs';
import { Registry } from './lib/registry.mjs';
import { remove, Scene } from './lib/scene.mjs';
import { random, Synth } from './lib/synth.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const text = { type: 'string' };
const { values: given } = parseArgs({
  options: { shim: text, hod: text, scene: text, disks: text, seed: text, only: text, work: text, lie: { type: 'boolean' } },
});
const hod = path.resolve(given.hod ?? process.env.HOD ?? path.join(here, '../../build/dev/cli/hod'));
const shim = path.resolve(given.shim ?? path.join(here, '../../build/dev/tests/faults/libfaultshim.so'));
const disks = Number(given.disks ?? 1000);
const work = fs.realpathSync(fs.mkdtempSync(path.join(given.work ?? os.tmpdir(), 'hod-power-loss-')));
const synth = new Synth({ count: 8, files: [2, 4], bytes: 300 });
const registry = await new Registry(synth).listen();
const scene = new Scene({ hod, registry, synth, work, tries: 1 });

const root = path.join(work, 'disk');
const project = path.join(root, 'project');
const cache = path.join(root, 'cache');
const few = { [synth.names[0]]: '^1.0.0', [synth.names[1]]: '^1.0.0' };

async function run(words, env = {}) {
  return scene.run(words, { cwd: project, cache, env: { LD_PRELOAD: shim, FAULTSHIM_ROOT: root, ...env }, timeout: 60_000 });
}

async function must(words, env) {
  const outcome = await run(words, env);
  if (outcome.code !== 0) throw new Error(`without a fault: ${outcome.code} ${outcome.out}`);
}

function writeManifest(dependencies) {
  fs.mkdirSync(project, { recursive: true });
  const manifest = { name: 'fixture', version: '1.0.0', private: true, dependencies };
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify(manifest, null, 2) + '\n');
  scene.writeRegistry(project, registry.base);
}

// What stands before the command, and the command.
const scenes = {
  cold: { begin: async () => fs.mkdirSync(cache, { mode: 0o700 }), words: ['install'] },
  warm: {
    begin: async () => {
      await must(['install']);
      remove(path.join(project, 'node_modules'));
    },
    words: ['install', '--frozen-lockfile'],
  },
  update: {
    begin: async () => {
      await must(['install']);
      writeManifest({ ...few, [synth.names[0]]: '^2.0.0' });
    },
    words: ['install'],
  },
  add: { begin: () => must(['install']), words: ['add', `${synth.names[3]}@^2.0.0`] },
  rollback: {
    begin: async () => {
      await must(['install']);
      await must(['add', `${synth.names[3]}@^2.0.0`]);
    },
    words: ['rollback'],
  },
};

/** Plays a scene undisturbed: the disk before, what was done to it, and the project's files before and after. */
async function recorded({ begin, words }) {
  remove(root);
  writeManifest(few);
  await begin();
  const before = filesOf(project);
  const disk = snapshot(root);
  const log = path.join(work, 'log');
  remove(log);
  await must(words, { FAULTSHIM_LOG: log });
  const ops = readLog(log).filter((op) => !(given.lie && op.what.startsWith('sync')));
  return { disk, ops, before, after: filesOf(project) };
}

async function wrongWith({ words }, { disk, ops, before, after }, roll) {
  const count = Math.floor(roll() * (ops.length + 1));
  remove(root);
  materialise(possibleDisk(disk, ops, count, roll), root);
  if (given.only) fs.cpSync(root, path.join(work, 'before'), { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  const bad = brokenFiles(project, before, after);
  const done = filesOf(project).manifest === after.manifest && before.manifest !== after.manifest;
  const again = await run(done ? ['install'] : words, { FAULTSHIM_REBOOTED: '1' });
  if (again.code !== 0) bad.push(`the rerun fails: ${again.code} ${again.out.slice(-400)}`);
  const tree = scene.check(project);
  if (!tree.ok) bad.push(`the rerun makes a wrong tree: ${tree.bad[0]}`);
  const files = filesOf(project);
  if (files.manifest !== after.manifest || files.lock !== after.lock) bad.push('the rerun does not end with the new files');
  return { count, bad };
}

const sum = { passed: 0, failed: 0 };
for (const name of given.scene?.split(',') ?? Object.keys(scenes)) {
  const recording = await recorded(scenes[name]);
  const started = Date.now();
  for (let n = given.only ? Number(given.only) : 0; n < (given.only ? Number(given.only) + 1 : disks); n++) {
    const { count, bad } = await wrongWith(scenes[name], recording, random(`${given.seed ?? 'power'} ${name} ${n}`));
    sum[bad.length === 0 ? 'passed' : 'failed']++;
    if (bad.length > 0) console.log(JSON.stringify({ scene: name, disk: n, cutBehind: count, of: recording.ops.length, bad: bad.slice(0, 3) }));
  }
  console.log(`${name}: ${disks} disks, ${recording.ops.length} operations, ${Math.round((Date.now() - started) / 1000)} s`);
}
await registry.close();
if (given.only) console.log(`the disk before and after the rerun: ${work}`);
else remove(work);
console.log(`${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;
