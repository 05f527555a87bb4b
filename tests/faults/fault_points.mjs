#!/usr/bin/env node
// Every single call to the disk fails once: see README.md. Needs a build with HOD_FAULTS (the presets dev, asan, tsan).
// usage: fault_points.mjs [--hod BINARY] [--scene cold,…|all] [--action kill,…|all] [--every N] [--first N] [--jobs N]
//                         [--sample N: as --every, unless HOD_FAULTS_ALL is set] [--work FOLDER] [--verbose] [--shim LIBRARY: for any build, and with SQLite's calls]
//
// For each scene the calls are counted, then for each n the scene is played with a fault at the n-th call. After each:
// lockfile and manifest are old or new (P1), the store holds nothing wrong (P2), exit code 0 only with a right tree (P3),
// package folders are whole (P4). Then the same command without a fault must end well (P5), leave nothing behind, and
// another project must get a right tree from the same cache without the network (P6).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { brokenFiles, brokenPackages, brokenStore, filesOf, leftovers } from './lib/judge.mjs';
import { Registry } from './lib/registry.mjs';
import { remove, Scene } from './lib/scene.mjs';
import { Synth } from './lib/synth.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const text = { type: 'string' };
const { values: given } = parseArgs({
  options: {
    hod: text,
    scene: { ...text, default: 'cold,later,warm,update' },
    action: { ...text, default: 'kill,enospc,eio,short' },
    every: { ...text, default: '1' },
    sample: text,
    first: { ...text, default: '1' },
    jobs: { ...text, default: '2' },
    work: text,
    shim: text,
    verbose: { type: 'boolean' },
  },
});
if (given.sample && !process.env.HOD_FAULTS_ALL) given.every = given.sample;
const hod = path.resolve(given.hod ?? process.env.HOD ?? path.join(here, '../../build/dev/cli/hod'));
const work = fs.realpathSync(fs.mkdtempSync(path.join(given.work ?? os.tmpdir(), 'hod-fault-points-')));
const synth = new Synth({ count: 8, files: [2, 4], bytes: 300 });
const registry = await new Registry(synth).listen();
const scene = new Scene({ hod, registry, synth, work, tries: 1 });

const CHANGING = 'open+write+fsync+rename+link+symlink+unlink+mkdir+ftruncate+copy+chmod+utime+flock';
// The environment that makes hod, or the library below it, follow a plan.
const planned = (plan) =>
  given.shim ? { LD_PRELOAD: path.resolve(given.shim), FAULTSHIM: plan, FAULTSHIM_ROOT: work } : { HOD_FAULT: plan };

const actions = {
  kill: CHANGING, // before any other call is as good as before the next of these
  enospc: 'open+write+fsync+rename+link+symlink+mkdir+ftruncate+copy',
  eio: '',
  short: 'write',
  eintr: 'open+read+write+flock',
  emfile: 'open',
};

const few = { [synth.names[0]]: '^1.0.0', [synth.names[1]]: '^1.0.0' };
const other = { ...few, [synth.names[0]]: '^2.0.0' };
const writeManifest = (project, dependencies) => {
  const manifest = JSON.parse(fs.readFileSync(path.join(project, 'package.json'), 'utf8'));
  fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify({ ...manifest, dependencies }, null, 2) + '\n');
};

// Each makes a project and a cache, and says which command is to be disturbed. `rerun`: where another command completes it.
const scenes = {
  cold: {
    async begin() {
      return { project: scene.project('project', few), cache: scene.folder('cache') };
    },
    words: ['install'],
  },
  // Link later: the packages go into the tree first, the cache gets them from there by a process of its own, in which
  // faults fall, too. What the cache lacks then is fetched again.
  later: {
    begin: () => scenes.cold.begin(),
    words: ['install'],
    env: { npm_config_link_later: 'always' },
    online: true,
    callsAfterwards: 200,
  },
  warm: {
    async begin() {
      const cache = scene.folder('cache');
      const first = scene.project('first', few);
      await must(scene.install(first, cache));
      const { lock } = filesOf(first);
      remove(first);
      return { project: scene.project('project', few, { lock: { 'hod.lock': lock } }), cache };
    },
    words: ['install', '--frozen-lockfile'],
  },
  update: {
    async begin() {
      const cache = scene.folder('cache');
      const project = scene.project('project', few);
      await must(scene.install(project, cache));
      writeManifest(project, other);
      return { project, cache };
    },
    words: ['install'],
  },
  add: {
    async begin() {
      const cache = scene.folder('cache');
      const project = scene.project('project', few);
      await must(scene.install(project, cache));
      return { project, cache };
    },
    words: ['add', `${synth.names[3]}@^2.0.0`],
  },
  repair: {
    async begin() {
      const cache = scene.folder('cache');
      const project = scene.project('project', few);
      await must(scene.install(project, cache));
      const folder = path.join(project, 'node_modules', synth.names[0]);
      fs.rmSync(path.join(folder, 'index.js'));
      remove(path.join(project, 'node_modules', synth.names[1]));
      return { project, cache };
    },
    words: ['ci'],
    damaged: true, // so the old tree has no whole packages either
  },
  rollback: {
    async begin() {
      const cache = scene.folder('cache');
      const project = scene.project('project', few);
      await must(scene.install(project, cache));
      await must(scene.run(['add', `${synth.names[3]}@^2.0.0`], { cwd: project, cache }));
      return { project, cache };
    },
    words: ['rollback'],
  },
};

/** Whoever works in the cache holds its lock shared. */
function waitForKeeper(cache) {
  spawnSync('flock', ['--wait', '30', path.join(cache, 'store/v1/gc.lock'), 'true']);
}

async function must(running) {
  const run = await running;
  if (run.code !== 0) throw new Error(`without a fault: ${run.code} ${run.out}`);
  return run;
}

/** One undisturbed run: how many calls of `operations` it makes, and the files before and after. */
async function reference({ begin, words, env, callsAfterwards = 0 }, operations) {
  const { project, cache } = await begin();
  const before = filesOf(project);
  const fault = operations ? `op=${operations}:count` : 'count';
  const run = await must(scene.run(words, { cwd: project, cache, env: { ...env, ...planned(fault) } }));
  waitForKeeper(cache);
  const after = filesOf(project);
  const calls = Number(/(?:HOD_FAULT|FAULTSHIM) calls: (\d+)/.exec(run.out)?.[1]);
  if (!(calls > 0)) throw new Error('this hod counts no calls: build it with HOD_FAULTS, or use --shim');
  for (const at of [project, cache]) remove(at);
  return { calls: calls + callsAfterwards, before, after };
}

/** What is wrong after a fault at call `n`; an empty list if nothing is. */
async function disturbed({ begin, words, damaged, env, online }, { before, after }, operations, action, n) {
  const { project, cache } = await begin();
  const fault = `${operations ? `op=${operations},` : ''}n=${n}:${action}`;
  const run = await scene.run(words, { cwd: project, cache, env: { ...env, ...planned(fault) }, timeout: 60_000 });
  waitForKeeper(cache);
  const hit = /(?:HOD_FAULT|FAULTSHIM) hits (.*)/.exec(run.out)?.[1] ?? 'nothing';
  const bad = [];
  if (run.timedOut) bad.push('it hangs');
  if (run.signal && !(action === 'kill' && run.signal === 'SIGKILL')) bad.push(`it died by ${run.signal}`);
  if (run.code > 0 && !/error: .*\[[A-Z_]+\]/.test(run.out)) bad.push('it failed without a message');
  bad.push(...brokenFiles(project, before, after), ...brokenStore(cache, synth));
  if (!damaged) bad.push(...brokenPackages(project, synth));
  if (run.code === 0) {
    const tree = scene.check(project);
    if (!tree.ok) bad.push(`exit code 0 and a wrong tree: ${tree.bad[0]}`);
  }
  const done = filesOf(project).manifest === after.manifest && before.manifest !== after.manifest;
  // What was done to its end would be done once more.
  const again = await scene.run(done ? ['install'] : words, { cwd: project, cache, env });
  waitForKeeper(cache);
  const tree = scene.check(project);
  if (again.code !== 0) bad.push(`the rerun fails: ${again.out.slice(-300)}`);
  if (!tree.ok) bad.push(`the rerun makes a wrong tree: ${tree.bad[0]}`);
  const files = filesOf(project);
  if (files.manifest !== after.manifest || files.lock !== after.lock) bad.push('the rerun does not end with the new files');
  bad.push(...leftovers(project).map((name) => 'left behind: ' + name));
  const { dependencies } = JSON.parse(files.manifest);
  const second = scene.project('second', dependencies, { lock: { 'hod.lock': files.lock ?? '' } });
  const how = ['install', '--frozen-lockfile', ...(online ? [] : ['--offline'])];
  const other = await scene.run(how, { cwd: second, cache });
  if (other.code !== 0 || !scene.check(second).ok) bad.push(`another project suffers: ${other.out.slice(-300)}`);
  for (const at of [project, cache, second]) remove(at);
  return { fault, hit, code: run.code, bad, out: run.out };
}

const chosen = (words, table) => (words === 'all' ? Object.keys(table) : words.split(','));

const count = { passed: 0, failed: 0 };

/** One scene with one kind of fault at each chosen call, `--jobs` of them side by side. */
async function sweep(name, action) {
  const operations = actions[action];
  const undisturbed = await reference(scenes[name], operations);
  const started = Date.now();
  let tried = 0;
  // The number of calls differs a little from run to run: a fault beyond the last one is an undisturbed run.
  let next = Number(given.first);
  const work = async () => {
    while (next <= undisturbed.calls) {
      const n = next;
      next += Number(given.every);
      const { fault, hit, code, bad, out } = await disturbed(scenes[name], undisturbed, operations, action, n);
      tried++;
      count[bad.length === 0 ? 'passed' : 'failed']++;
      if (bad.length > 0) console.log(JSON.stringify({ scene: name, fault, hit, code, bad: bad.slice(0, 4), tail: out.slice(-300) }));
      else if (given.verbose) console.log(JSON.stringify({ scene: name, fault, hit, code }));
    }
  };
  await Promise.all(Array.from({ length: Number(given.jobs) }, work));
  console.log(`${name}, ${action}: ${tried} of ${undisturbed.calls} calls, ${Math.round((Date.now() - started) / 1000)} s`);
}

for (const name of chosen(given.scene, scenes)) {
  for (const action of chosen(given.action, actions)) await sweep(name, action);
}
await registry.close();
remove(work);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 ? 1 : 0;
