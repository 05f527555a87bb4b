// node_modules is hurt, or was made by somebody else: files edited, cut, removed, exchanged, their modes changed; bins gone
// or others' in their place; links broken or elsewhere; packages and files that nobody asked for; another manager's tree;
// hod's own state gone or old. Then `hod ci` runs, or an install that has something to change. Required: exit code 0 and
// the very tree that a first install makes (paths, modes, links, contents), nothing outside touched.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const packages = { count: 24 };

const roll = random('tree-odd');

/** Every path below node_modules with what it is; hod's own records aside. */
function picture(project) {
  const out = [];
  const look = (at, name) => {
    const stat = fs.lstatSync(at);
    if (/^\.hod\/(state|lock|journal|trash|tmp)$/.test(name)) return;
    if (stat.isSymbolicLink()) out.push(`${name} -> ${fs.readlinkSync(at)}`);
    else if (stat.isDirectory()) {
      out.push(`${name}/ ${(stat.mode & 0o7777).toString(8)}`);
      for (const entry of fs.readdirSync(at)) look(path.join(at, entry), name ? `${name}/${entry}` : entry);
    } else out.push(`${name} ${(stat.mode & 0o7777).toString(8)} ${stat.isFile() ? fs.readFileSync(at, 'latin1') : 'special'}`);
  };
  look(path.join(project, 'node_modules'), '');
  return out.sort();
}

const modules = (project) => path.join(project, 'node_modules');
function filesIn(project) {
  const out = [];
  const look = (at) => {
    for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
      const below = path.join(at, entry.name);
      if (entry.isDirectory()) look(below);
      else if (entry.isFile() && !/\/\.hod\/[a-z]+$/.test(below)) out.push(below);
    }
  };
  look(modules(project));
  return out;
}
const some = (project) => filesIn(project).filter(() => roll() < 0.2);
function linksIn(project) {
  const out = [];
  const look = (at) => {
    for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
      const below = path.join(at, entry.name);
      if (entry.isDirectory()) look(below);
      else if (entry.isSymbolicLink()) out.push(below);
    }
  };
  look(modules(project));
  return out;
}
const relink = (at, target) => {
  fs.unlinkSync(at);
  fs.symlinkSync(target, at);
};
const own = (project, name, text = 'x') => {
  fs.mkdirSync(path.dirname(path.join(modules(project), name)), { recursive: true });
  fs.writeFileSync(path.join(modules(project), name), text);
};
// An edit that breaks the hard link, as editors do, and one that goes through it.
const rewrite = (file, text) => {
  fs.unlinkSync(file);
  fs.writeFileSync(file, text);
};

// What stands in the place of hod's own records may also be refused by name.
const refusable = new Set(['a state that is a folder', 'a journal that is a folder', '.hod is a file']);
const hurts = {
  'nothing': () => {},
  'files edited': (project) => some(project).forEach((file) => rewrite(file, 'edited')),
  'files edited through the link': (project) => some(project).forEach((file) => fs.appendFileSync(file, '// edited')),
  'files cut': (project) => some(project).forEach((file) => fs.truncateSync(file, 1)),
  'files gone': (project) => some(project).forEach((file) => fs.unlinkSync(file)),
  'files became folders': (project) =>
    some(project).forEach((file) => {
      fs.unlinkSync(file);
      fs.mkdirSync(file + '/deep', { recursive: true });
    }),
  'files became links': (project, out) => some(project).forEach((file) => relink(file, path.join(out, 'canary'))),
  'files became pipes': (project) =>
    some(project).forEach((file) => {
      fs.unlinkSync(file);
      execFileSync('mkfifo', [file]);
    }),
  'files without rights': (project) => some(project).forEach((file) => fs.chmodSync(file, 0)),
  'files executable': (project) => some(project).forEach((file) => fs.chmodSync(file, 0o755)),
  'bins not executable': (project) => filesIn(project).filter((file) => /\/bin\//.test(file)).forEach((file) => fs.chmodSync(file, 0o644)),
  'files copied': (project) =>
    filesIn(project).forEach((file) => {
      const { mtime, mode } = fs.statSync(file);
      const bytes = fs.readFileSync(file);
      fs.unlinkSync(file);
      fs.writeFileSync(file, bytes, { mode: mode & 0o777 });
      fs.utimesSync(file, mtime, mtime);
    }),
  'the whole tree copied': (project) => {
    execFileSync('cp', ['-a', modules(project), path.join(project, 'copy')]);
    remove(modules(project));
    fs.renameSync(path.join(project, 'copy'), modules(project));
  },
  'the whole tree copied without times': (project) => {
    execFileSync('cp', ['-rP', modules(project), path.join(project, 'copy')]);
    remove(modules(project));
    fs.renameSync(path.join(project, 'copy'), modules(project));
  },
  'folders emptied': (project) =>
    filesIn(project)
      .filter((file) => file.endsWith('package.json') && roll() < 0.3)
      .forEach((file) => {
        remove(path.dirname(file));
        fs.mkdirSync(path.dirname(file));
      }),
  'folders gone': (project) => filesIn(project).filter((file) => file.endsWith('package.json') && roll() < 0.3).forEach((file) => remove(path.dirname(file))),
  'folders became files': (project) =>
    filesIn(project)
      .filter((file) => file.endsWith('package.json') && roll() < 0.3)
      .forEach((file) => {
        remove(path.dirname(file));
        fs.writeFileSync(path.dirname(file), '');
      }),
  'bins gone': (project) => remove(path.join(modules(project), '.bin')),
  'bins broken': (project) => linksIn(project).filter((at) => at.includes('/.bin/')).forEach((at) => relink(at, '../nowhere')),
  'bins elsewhere': (project, out) => linksIn(project).filter((at) => at.includes('/.bin/')).forEach((at) => relink(at, path.join(out, 'canary'))),
  'bins became files': (project) =>
    linksIn(project)
      .filter((at) => at.includes('/.bin/'))
      .forEach((at) => {
        fs.unlinkSync(at);
        fs.writeFileSync(at, '#!/bin/sh\n', { mode: 0o755 });
      }),
  'a bin more': (project) => own(project, '.bin/more', '#!/bin/sh\n'),
  'links broken': (project) => linksIn(project).filter(() => roll() < 0.4).forEach((at) => relink(at, '../nowhere')),
  'links elsewhere': (project, out) => linksIn(project).filter(() => roll() < 0.4).forEach((at) => relink(at, out)),
  'links absolute': (project) => linksIn(project).filter(() => roll() < 0.4).forEach((at) => relink(at, fs.realpathSync(at))),
  'links became folders': (project) =>
    linksIn(project)
      .filter((at) => roll() < 0.4 && !at.includes('/.bin/'))
      .forEach((at) => {
        const real = fs.realpathSync(at);
        fs.unlinkSync(at);
        fs.cpSync(real, at, { recursive: true });
      }),
  'links gone': (project) => linksIn(project).filter(() => roll() < 0.4).forEach((at) => fs.unlinkSync(at)),
  'a package more': (project) => own(project, 'extra/package.json', '{"name":"extra"}'),
  'a scope more': (project) => own(project, '@extra/one/package.json', '{"name":"@extra/one"}'),
  'a package more in a scope': (project, out, synth) => own(project, synth.names[3].split('/')[0] + '/more/package.json', '{}'),
  'a file at the top': (project) => own(project, 'stray'),
  'a link out at the top': (project, out) => fs.symlinkSync(out, path.join(modules(project), 'linked')),
  'a version more in .hod': (project) => own(project, '.hod/extra@1.0.0/node_modules/extra/package.json', '{}'),
  'files more in packages': (project) => filesIn(project).filter((file) => file.endsWith('package.json')).forEach((file) => fs.writeFileSync(path.join(path.dirname(file), 'index.json'), '{}')),
  'node_modules more in packages': (project) =>
    filesIn(project)
      .filter((file) => file.endsWith('package.json') && !fs.existsSync(path.join(path.dirname(file), 'node_modules')))
      .forEach((file) => {
        fs.mkdirSync(path.join(path.dirname(file), 'node_modules/evil'), { recursive: true });
        fs.writeFileSync(path.join(path.dirname(file), 'node_modules/evil/index.js'), 'throw 1');
      }),
  'no state': (project) => remove(path.join(modules(project), '.hod/state')),
  'a cut state': (project) => fs.truncateSync(path.join(modules(project), '.hod/state'), 50),
  'an empty state': (project) => fs.truncateSync(path.join(modules(project), '.hod/state'), 0),
  'a state that is a folder': (project) => {
    remove(path.join(modules(project), '.hod/state'));
    fs.mkdirSync(path.join(modules(project), '.hod/state'));
  },
  'a flipped state': (project) => {
    const file = path.join(modules(project), '.hod/state');
    const bytes = fs.readFileSync(file);
    for (let i = 0; i < 20; i++) bytes[Math.floor(roll() * bytes.length)] ^= 1 << Math.floor(roll() * 8);
    fs.writeFileSync(file, bytes);
  },
  'a journal of noise': (project) => fs.writeFileSync(path.join(modules(project), '.hod/journal'), 'noise'),
  'a journal that is a folder': (project) => fs.mkdirSync(path.join(modules(project), '.hod/journal')),
  'no .hod': (project) => remove(path.join(modules(project), '.hod')),
  '.hod is a file': (project) => {
    remove(path.join(modules(project), '.hod'));
    fs.writeFileSync(path.join(modules(project), '.hod'), '');
  },
  'no node_modules': (project) => remove(modules(project)),
  'an empty node_modules': (project) => {
    remove(modules(project));
    fs.mkdirSync(modules(project));
  },
  "npm's tree": (project, out, synth) => {
    remove(modules(project));
    for (const name of synth.names.slice(0, 12)) own(project, `${name}/package.json`, JSON.stringify({ name, version: '0.0.1' }));
    own(project, '.package-lock.json', '{"lockfileVersion":3,"packages":{}}');
    own(project, `${synth.names[0]}/node_modules/inner/package.json`, '{}');
  },
  "pnpm's tree": (project, out, synth) => {
    remove(modules(project));
    for (const name of synth.names.slice(0, 12)) {
      const folder = `.pnpm/${name.replace('/', '+')}@0.0.1/node_modules/${name}`;
      own(project, `${folder}/package.json`, JSON.stringify({ name, version: '0.0.1' }));
      fs.mkdirSync(path.dirname(path.join(modules(project), name)), { recursive: true });
      fs.symlinkSync(path.join(modules(project), folder), path.join(modules(project), name));
    }
    own(project, '.modules.yaml', 'layoutVersion: 5\n');
    own(project, '.pnpm/lock.yaml', '');
  },
  "bun's tree": (project, out, synth) => {
    remove(modules(project));
    for (const name of synth.names.slice(0, 12)) own(project, `.bun/${name.replace('/', '+')}@0.0.1/node_modules/${name}/package.json`, '{}');
    for (const name of synth.names.slice(0, 3)) fs.symlinkSync(`.bun/${name}@0.0.1/node_modules/${name}`, path.join(modules(project), name));
  },
  "yarn's tree": (project, out, synth) => {
    remove(modules(project));
    for (const name of synth.names.slice(0, 12)) own(project, `${name}/package.json`, JSON.stringify({ name, version: '0.0.1' }));
    own(project, '.yarn-state.yml', '__metadata:\n  version: 1\n');
  },
};

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 8);
  const { lock } = await scene.lockFor(dependencies);
  for (const layout of ['isolated', 'hoisted']) {
    const cache = scene.folder('cache');
    const options = { npmrc: `layout=${layout}\n`, lock };
    const model = scene.project('model', dependencies, options);
    const made = await scene.run(['ci'], { cwd: model, cache });
    if (made.code !== 0) throw new Error(made.out);
    const right = picture(model);
    for (const [hurt, apply] of Object.entries(hurts)) {
      for (const words of [['ci'], ['install', '--frozen-lockfile'], ['ci', '--offline']]) {
        const outside = scene.folder('outside');
        fs.writeFileSync(path.join(outside, 'canary'), 'alive');
        const project = scene.project('project', dependencies, options);
        const first = await scene.run(['ci'], { cwd: project, cache });
        if (first.code !== 0) throw new Error(first.out);
        apply(project, outside, scene.synth);
        const run = await scene.run(words, { cwd: project, cache, timeout: 20_000 });
        const tree = scene.check(project);
        const now = run.code === 0 ? picture(project) : right;
        const more = now.filter((line) => !right.includes(line)).map((line) => line.slice(0, 90));
        const less = right.filter((line) => !now.includes(line)).map((line) => line.slice(0, 90));
        const alive = fs.readdirSync(outside).join() === 'canary' && fs.readFileSync(path.join(outside, 'canary'), 'utf8') === 'alive';
        const offline = words.includes('--offline');
        const pass = (run.code === 0 ? tree.ok && !more.length && !less.length : (offline || refusable.has(hurt)) && /\[[A-Z_]+\]/.test(run.out)) && alive && !run.timedOut;
        row({ hurt, layout, words: words.join(' '), pass, alive, more: more.slice(0, 4), less: less.slice(0, 4), ...verdict(run, tree) });
        // What damaged the store through links is healed by the next project.
        remove(project);
        remove(outside);
        await scene.run(['ci'], { cwd: model, cache });
      }
    }
    for (const at of [cache, model]) remove(at);
  }
}
