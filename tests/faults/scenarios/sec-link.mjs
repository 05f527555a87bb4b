// Links and files in the way of node_modules, planted by somebody else, and hod's own files there in other hands'
// words. Required: nothing outside the project is changed or removed; exit code 0 only with a right tree.
// T-LINK-06, T-LINK-09, T-LINK-11, T-CACHE-05, T-CACHE-06
import fs from 'node:fs';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 12 };

const picture = (folder) =>
  walk(folder)
    .map((file) => `${file} ${fs.statSync(file).mode} ${fs.readFileSync(file)}`)
    .sort()
    .join('\n');

export default async function (scene, row) {
  const { synth } = scene;
  const dependencies = synth.roots('^1.0.0', 8);
  const scoped = synth.names.find((name) => name.startsWith('@'));
  const [scope, inner] = scoped.split('/');
  const plain = synth.names[0];
  const { lock } = await scene.lockFor(dependencies);
  const other = Object.fromEntries(Object.entries(dependencies).map(([name]) => [name, '^2.0.0']));
  const fill = (folder) => {
    fs.mkdirSync(path.join(folder, 'sub'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'canary'), 'alive');
    fs.writeFileSync(path.join(folder, 'package.json'), '{"name":"canary"}');
    fs.writeFileSync(path.join(folder, 'sub/canary'), 'alive');
  };
  const modules = (project) => path.join(project, 'node_modules');
  const replaceByLink = (at, target) => {
    remove(at);
    fs.mkdirSync(path.dirname(at), { recursive: true });
    fs.symlinkSync(target, at);
  };
  // `before`: on a project without a tree; `after`: on one that is installed and then changes what it asks for.
  const cases = {
    'node_modules is a link': { before: (project, out) => replaceByLink(modules(project), out) },
    'node_modules is a dangling link': { before: (project, out) => replaceByLink(modules(project), out + '/nothing') },
    'node_modules is a file': { before: (project) => fs.writeFileSync(modules(project), 'x') },
    '.hod is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod'), out) },
    '.bin is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.bin'), out), mayWork: true },
    'a scope is a link': { before: (project, out) => replaceByLink(path.join(modules(project), scope), out), mayWork: true },
    'a package is a link': { before: (project, out) => replaceByLink(path.join(modules(project), plain), out), mayWork: true },
    '.hod/tmp is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod/tmp'), out), mayWork: true },
    '.hod/trash is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod/trash'), out), mayWork: true },
    '.hod/state is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod/state'), out + '/canary'), mayWork: true },
    '.hod/journal is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod/journal'), out + '/canary'), mayWork: true },
    '.hod/lock is a link': { before: (project, out) => replaceByLink(path.join(modules(project), '.hod/lock'), out + '/canary') },
    '.hod/lock is a fifo': { before: (project) => {
      fs.mkdirSync(path.join(modules(project), '.hod'), { recursive: true });
      scene.mkfifo(path.join(modules(project), '.hod/lock'));
    }, mayWork: true },
    '.hod/state is a fifo': { before: (project) => {
      fs.mkdirSync(path.join(modules(project), '.hod'), { recursive: true });
      scene.mkfifo(path.join(modules(project), '.hod/state'));
    }, mayWork: true },
    'package.json is a fifo': { before: (project) => {
      remove(path.join(project, 'package.json'));
      scene.mkfifo(path.join(project, 'package.json'));
    }, unjudged: true },
    'hod.lock is a fifo': { before: (project) => {
      remove(path.join(project, 'hod.lock'));
      scene.mkfifo(path.join(project, 'hod.lock'));
    } },
    '.npmrc is a fifo': { before: (project) => {
      remove(path.join(project, '.npmrc'));
      scene.mkfifo(path.join(project, '.npmrc'));
    } },
    '.npmrc is /dev/zero': { before: (project) => replaceByLink(path.join(project, '.npmrc'), '/dev/zero') },
    'hod.lock is /dev/zero': { before: (project) => replaceByLink(path.join(project, 'hod.lock'), '/dev/zero') },
    'package.json is a folder': { before: (project) => {
      remove(path.join(project, 'package.json'));
      fs.mkdirSync(path.join(project, 'package.json'));
    }, unjudged: true },
    'a workspace member is a link': { before: (project, out) => {
      replaceByLink(path.join(project, 'packages/a'), out);
      const manifest = JSON.parse(fs.readFileSync(path.join(project, 'package.json')));
      fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify({ ...manifest, workspaces: ['packages/a', 'packages/*'] }));
      fs.writeFileSync(path.join(out, 'package.json'), JSON.stringify({ name: 'canary', dependencies }));
      remove(path.join(project, 'hod.lock'));
    }, mayWork: true },
    'hod.lock is a link to another one': { before: (project, out) => {
      fs.writeFileSync(path.join(out, 'hod.lock'), String(lock['hod.lock']).replace(/1\.0\.0/g, '1.1.0'));
      replaceByLink(path.join(project, 'hod.lock'), path.join(out, 'hod.lock'));
    }, mayWork: true },
    'hod.lock is a dangling link': { before: (project, out) => replaceByLink(path.join(project, 'hod.lock'), path.join(out, 'new')), mayWork: true },
    'update: a package became a link': { after: (project, out) => replaceByLink(path.join(modules(project), plain), out), mayWork: true },
    'update: a scope became a link': { after: (project, out) => replaceByLink(path.join(modules(project), scope), out), mayWork: true },
    'update: .bin became a link': { after: (project, out) => replaceByLink(path.join(modules(project), '.bin'), out), mayWork: true },
    'update: a store folder became a link': { after: (project, out) => {
      const folder = fs.readdirSync(path.join(modules(project), '.hod')).find((name) => name.includes('@1'));
      replaceByLink(path.join(modules(project), '.hod', folder), out);
    }, mayWork: true },
    'update: a folder below became a link': { after: (project, out) => {
      const real = fs.realpathSync(path.join(modules(project), plain));
      replaceByLink(path.join(real, 'lib'), out);
    }, mayWork: true },
    'update: a state with other paths': { after: (project) => {
      const state = path.join(modules(project), '.hod/state');
      const bytes = fs.readFileSync(state, 'latin1').split(inner).join('..'.padEnd(inner.length, '/'));
      fs.writeFileSync(state, bytes, 'latin1');
    }, mayWork: true },
    'update: a state of noise': { after: (project) => fs.writeFileSync(path.join(modules(project), '.hod/state'), Buffer.alloc(5000, 7)), mayWork: true },
    'update: a huge state': { after: (project) => fs.truncateSync(path.join(modules(project), '.hod/state'), 2 ** 40), mayWork: true },
    'update: a journal of noise': { after: (project) => fs.writeFileSync(path.join(modules(project), '.hod/journal'), Buffer.alloc(5000, 7)), mayWork: true },
  };
  for (const [title, { before, after, mayWork, unjudged }] of Object.entries(cases)) {
    const outside = scene.folder('outside');
    const project = scene.project('project', dependencies, { lock });
    const cache = scene.folder('cache');
    fill(outside);
    if (after) {
      const first = await scene.install(project, cache);
      if (first.code !== 0) throw new Error(first.out);
      const manifest = JSON.parse(fs.readFileSync(path.join(project, 'package.json')));
      fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify({ ...manifest, dependencies: other }));
    }
    (before ?? after)(project, outside);
    const was = picture(outside);
    const run = await scene.install(project, cache, { timeout: 20_000 });
    const tree = unjudged ? { ok: false, bad: [] } : scene.check(project);
    const changed = picture(outside) !== was || fs.readdirSync(outside).includes('node_modules');
    const pass = !changed && !run.timedOut && (run.code === 0 ? tree.ok && mayWork === true : run.code > 0);
    row({ case: title, changed, timedOut: run.timedOut, pass, ...verdict(run, tree) });
    for (const at of [outside, project, cache]) remove(at);
  }
  // The cache's folder in wrong hands.
  for (const [title, prepare] of Object.entries({
    'a cache that others may write': (cache) => fs.chmodSync(cache, 0o777),
    'a cache of another user': (cache) => process.getuid() === 0 && fs.chownSync(cache, 65534, 65534),
    'a store that others may write': (cache) => {
      fs.mkdirSync(path.join(cache, 'store/v1'), { recursive: true });
      fs.chmodSync(path.join(cache, 'store/v1'), 0o777);
    },
  })) {
    const cache = scene.folder('cache');
    const skipped = prepare(cache) === false;
    const project = scene.project('project', dependencies);
    const run = await scene.install(project, cache);
    row({ case: title, skipped, code: run.code, pass: run.code > 0, tail: run.out.slice(0, 200) });
    for (const at of [project, cache]) remove(at);
  }
}
