// Signals at random moments of cold and warm installs, updates and additions: SIGINT, SIGTERM, SIGHUP, SIGKILL to the process
// alone, SIGSTOP and SIGCONT; while it waits for another hod's lock; eight projects on one cache of which one is killed.
// Required: it ends within 5 s of a signal, by 130 or the signal, or by 0 with a right tree; nothing is half; the same command
// again is enough; nobody else notices.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { brokenFiles, brokenPackages, brokenStore, filesOf, leftovers } from '../lib/judge.mjs';
import { remove, sleep, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const packages = { count: 40 };
export const tries = 4;

const soon = 5000;

export default async function (scene, row) {
  const { synth } = scene;
  const roll = random('interruption');
  const dependencies = synth.roots('^1.0.0', 12);
  const { lock } = await scene.lockFor(dependencies);
  const extra = synth.names[20];
  const ways = {
    cold: { words: ['install'] },
    frozen: { words: ['ci'], lock },
    warm: { words: ['install'], lock, warm: true },
    add: { words: ['add', `${extra}@^2.0.0`], lock, warm: true, tree: true },
    remove: { words: ['remove', synth.names[3]], lock, warm: true, tree: true },
    rollback: { words: ['rollback'], warm: true, tree: true, changed: true },
  };
  for (const [way, given] of Object.entries(ways)) {
    const prepare = async () => {
      const cache = scene.folder('cache');
      const project = scene.project('project', dependencies, { lock: given.lock });
      if (given.warm) {
        const filler = scene.project('filler', { ...dependencies, [extra]: '^2.0.0' });
        await scene.install(filler, cache);
        remove(filler);
      }
      if (given.tree || given.changed) await scene.install(project, cache);
      if (given.changed) await scene.run(['add', `${extra}@^2.0.0`], { cwd: project, cache });
      return { cache, project };
    };
    // What it is like undisturbed.
    const model = await prepare();
    const before = filesOf(model.project);
    const undisturbed = await scene.run(given.words, { cwd: model.project, cache: model.cache });
    if (undisturbed.code !== 0) throw new Error(undisturbed.out);
    const after = filesOf(model.project);
    remove(model.project);
    remove(model.cache);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL', 'SIGSTOP']) {
      for (let i = 0; i < scene.tries; i++) {
        const { cache, project } = await prepare();
        const at = undisturbed.ms * ((i + roll()) / scene.tries);
        let sent = 0;
        const run = await scene.run(given.words, {
          cwd: project,
          cache,
          timeout: 30_000,
          onSpawn: (child) =>
            setTimeout(() => {
              sent = performance.now();
              child.kill(signal);
              if (signal === 'SIGSTOP') setTimeout(() => child.kill('SIGCONT'), 300);
            }, at),
        });
        const took = sent ? Math.round(performance.now() - sent) : 0;
        const bad = [...brokenFiles(project, before, after), ...brokenPackages(project, synth), ...brokenStore(cache, synth)];
        const tree = scene.check(project);
        const ended = run.code === 0 ? tree.ok : run.code === 130 || run.signal === signal || run.code === 128 + 15 || run.code === 128 + 1;
        // A change that was made before the signal came is not made twice.
        const again = await scene.run(way === 'rollback' || filesOf(project).manifest !== before.manifest ? ['install'] : given.words, { cwd: project, cache });
        const healed = scene.check(project);
        const left = leftovers(project);
        const pass = ended && took < soon && bad.length === 0 && again.code === 0 && healed.ok && left.length === 0;
        if (!pass || i === 0) row({ way, signal, at: Math.round(at), ended: run.signal ?? run.code, took, broken: bad.slice(0, 3), left, again: again.code, againTail: again.code ? again.out.slice(-300) : undefined, pass, ...verdict(run, tree) });
        remove(project);
        remove(cache);
      }
    }
  }

  // Waiting for a lock that somebody else holds.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
    const cache = scene.folder('cache');
    const project = scene.project('project', dependencies, { lock });
    await scene.install(project, cache);
    const before = filesOf(project);
    const holder = spawn('flock', [path.join(project, 'node_modules/.hod/lock'), 'sleep', '20'], { detached: true, stdio: 'ignore' });
    await sleep(200);
    let text = '';
    const run = await scene.run(['ci'], {
      cwd: project,
      cache,
      timeout: 15_000,
      onSpawn: (child) => {
        child.stderr.on('data', (bytes) => (text += bytes));
        setTimeout(() => child.kill(signal), 700);
      },
    });
    process.kill(-holder.pid, 'SIGKILL');
    await sleep(100);
    const again = await scene.run(['ci'], { cwd: project, cache });
    const tree = scene.check(project);
    const same = filesOf(project).lock === before.lock;
    const said = /waiting|another hod/i.test(text);
    row({ way: 'waiting for the lock', signal, said, ended: run.signal ?? run.code, pass: said && same && run.ms < 3000 && run.code !== 0 && again.code === 0 && tree.ok, ...verdict(run, tree) });
    remove(project);
    remove(cache);
  }

  // Eight at once, one of them killed; then as many in one project.
  for (let i = 0; i < scene.tries * 2; i++) {
    const cache = scene.folder('cache');
    const shared = i % 2 === 1;
    const one = scene.project('one', dependencies, { lock });
    const projects = Array.from({ length: 8 }, () => (shared ? one : scene.project('project', dependencies, { lock })));
    const runs = await Promise.all(projects.map((project, n) => scene.run(['install'], { cwd: project, cache, killAfter: n === 3 ? 20 + roll() * 300 : undefined })));
    const bad = [];
    runs.forEach((run, n) => {
      if (n !== 3 && run.code !== 0) bad.push(`${n}: ${run.code} ${run.out.slice(-200)}`);
      if (n !== 3 && !scene.check(projects[n]).ok) bad.push(`${n}: wrong tree`);
    });
    const again = await scene.run(['ci'], { cwd: projects[3], cache });
    const tree = scene.check(projects[3]);
    row({ way: shared ? 'eight in one project' : 'eight on one cache', try: i, killed: runs[3].signal, bad, store: brokenStore(cache, synth), pass: bad.length === 0 && again.code === 0 && tree.ok && brokenStore(cache, synth).length === 0 });
    for (const project of new Set(projects)) remove(project);
    remove(one);
    remove(cache);
  }
}
