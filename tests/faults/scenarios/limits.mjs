// The process is short of something: descriptors, file size, memory, a home, standard streams, its own folder, inodes.
// Required: exit code 0 with a right tree, or another one in bounded time, and then a rerun without the shortage is right.
import fs from 'node:fs';
import path from 'node:path';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 40 };

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 12);
  const { lock } = await scene.lockFor(dependencies);
  const limit = (...words) => ['prlimit', ...words];
  const shell = (text) => ['sh', '-c', `${text}; exec "$@"`, 'sh'];
  const cases = {
    '256 descriptors': { prefix: limit('--nofile=256'), works: true },
    '64 descriptors': { prefix: limit('--nofile=64') },
    '24 descriptors': { prefix: limit('--nofile=24') },
    '12 descriptors': { prefix: limit('--nofile=12') },
    '5 descriptors': { prefix: limit('--nofile=5') },
    'files of 1 MiB at most': { prefix: limit('--fsize=1048576') },
    'files of 64 KiB at most': { prefix: limit('--fsize=65536') },
    'files of 1 KiB at most': { prefix: limit('--fsize=1024') },
    'files of no size': { prefix: limit('--fsize=0') },
    '2 GiB of address space': { prefix: limit('--as=2147483648'), works: true },
    '256 MiB of address space': { prefix: limit('--as=268435456') },
    '64 MiB of address space': { prefix: limit('--as=67108864') },
    '1 MiB of stack': { prefix: limit('--stack=1048576'), works: true },
    'no more processes': { prefix: limit('--nproc=1') },
    'no core, no locks': { prefix: limit('--core=0', '--memlock=0'), works: true },
    'no standard input': { prefix: shell('exec <&-'), works: true },
    'no standard output': { prefix: shell('exec >&-'), works: true },
    'no standard error': { prefix: shell('exec 2>&-'), works: true },
    'no standard streams': { prefix: shell('exec <&- >&- 2>&-'), works: true },
    'output to a full device': { prefix: shell('exec >/dev/full 2>/dev/full') },
    'output to a reader that went away': { stdio: 'broken', works: true },
    'no HOME': { env: { HOME: '' }, works: true },
    'a HOME that is none': { env: { HOME: '/nonexistent' }, works: true },
    'no PATH': { env: { PATH: '' }, works: true },
    'an empty environment but the cache': { env: { PATH: '', HOME: '', LANG: '', TERM: '' }, works: true },
    'TMPDIR that is none': { env: { TMPDIR: '/nonexistent' }, works: true },
    'umask 077': { prefix: shell('umask 077'), works: true },
    'umask 000': { prefix: shell('umask 000'), works: true },
    'umask 777': { prefix: shell('umask 777') },
    'a cache folder that is a file': { cache: (cache) => (remove(cache), fs.writeFileSync(cache, '')), unhelped: true },
    'a cache folder that cannot be made': { cache: (cache) => remove(cache), env: { HOD_CACHE_DIR: '/proc/none/cache' }, other: true },
    'a relative cache folder': { env: { HOD_CACHE_DIR: 'own-cache' }, works: true, other: true },
    'SIGPIPE ignored, SIGCHLD ignored': { prefix: shell('trap "" PIPE CHLD'), works: true },
    'nice and idle': { prefix: ['nice', '-n', '19'], works: true },
  };
  for (const [title, given] of Object.entries(cases)) {
    for (const warm of [false, true]) {
      const project = scene.project('project', dependencies, { lock });
      const cache = scene.folder('cache');
      if (warm && !given.cache) {
        const filler = scene.project('filler', dependencies, { lock });
        await scene.frozen(filler, cache);
        remove(filler);
      }
      given.cache?.(cache);
      const options = { prefix: given.prefix, env: given.env, timeout: 60_000 };
      if (given.stdio === 'broken') {
        options.onSpawn = (child) => {
          child.stdout.destroy();
          child.stderr.destroy();
        };
      }
      const run = await scene.frozen(project, cache, options);
      const before = scene.check(project);
      if (given.cache) remove(cache);
      const again = await scene.frozen(project, cache);
      const tree = scene.check(project);
      const clear = run.signal === null && !/terminate|ABORT|Assertion/.test(run.out);
      const writable = fs.existsSync(path.join(project, 'node_modules')) && (fs.statSync(path.join(project, 'node_modules')).mode & 0o022) === 0;
      const met = given.works ? run.code === 0 && before.ok : run.code === 0 ? before.ok : run.code > 0;
      const pass = met && clear && !run.timedOut && again.code === 0 && tree.ok && (writable || title === 'umask 000');
      row({ case: title, warm, signal: run.signal, pass, ...verdict(run, before), rerun: again.code, rerunTree: tree.ok });
      for (const at of [project, cache]) remove(at);
    }
  }
}
