// Hostile names: of bins, bin targets, dependencies (as keys and as aliases), sources that only the project's own
// manifest may use, and keys that mean something to JavaScript. Required: nothing is made or changed outside the
// project's node_modules, nor in hod's own places within; no command is shadowed. T-LINK-01 … T-LINK-08, T-RES-02,
// T-RES-08, T-GIT-01, T-CLI-01
import fs from 'node:fs';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove } from '../lib/scene.mjs';

export const packages = { count: 12 };

/** Everything below `folder` that is not in node_modules, with its content; links as their targets. */
function picture(folder) {
  const lines = [];
  for (const file of walk(folder, { into: (name) => name !== 'node_modules' })) {
    if (/hod\.lock$/.test(file)) continue;
    lines.push(`${path.relative(folder, file)} ${fs.statSync(file).mode.toString(8)} ${fs.readFileSync(file)}`);
  }
  return lines.sort().join('\n');
}

/** Links in node_modules that lead out of it; commands of packages that are not `direct` and shadow the system's. */
function badLinks(project, direct) {
  const bad = [];
  const top = path.join(project, 'node_modules');
  const look = (folder) => {
    let entries = [];
    try {
      entries = fs.readdirSync(folder, { withFileTypes: true });
    } catch {
      // no tree
    }
    for (const entry of entries) {
      const at = path.join(folder, entry.name);
      if (entry.isSymbolicLink()) {
        const target = path.resolve(folder, fs.readlinkSync(at));
        if (!target.startsWith(top + '/')) bad.push(`${path.relative(project, at)} -> ${target}`);
      } else if (entry.isDirectory()) {
        look(at);
      }
      if (!direct && path.basename(folder) === '.bin' && /^(node|npm|npx|hod|sh|git)$/.test(entry.name)) {
        bad.push(`a command is shadowed: ${entry.name}`);
      }
    }
  };
  look(top);
  return bad;
}

export default async function (scene, row) {
  const { synth } = scene;
  const outside = scene.folder('outside');
  const victim = path.join(outside, 'victim.sh');
  fs.writeFileSync(victim, 'secret', { mode: 0o600 });
  const friend = synth.addSmall({ name: 'friend', version: '1.0.0' }, { 'index.js': '' });
  let made = 0;
  // A package that carries `fields`, below the project or one level deeper.
  const carrying = (fields, files = {}) => synth.addSmall({ name: `evil-name-${++made}`, version: '1.0.0', ...fields }, { 'cli.js': '#!/usr/bin/env node\n', ...files });
  const below = (name) => synth.addSmall({ name: `carrier-${++made}`, version: '1.0.0', dependencies: { [name]: '1.0.0' } });

  const carried = {
    'bin-dotdot': { bin: { '../../evil': 'cli.js' } },
    'bin-scoped-dotdot': { bin: { '@x/../../evil': 'cli.js' } },
    'bin-absolute': { bin: { [path.join(outside, 'evil')]: 'cli.js' } },
    'bin-empty': { bin: { '': 'cli.js' } },
    'bin-dot': { bin: { '.': 'cli.js' } },
    'bin-two-dots': { bin: { '..': 'cli.js' } },
    'bin-slash': { bin: { 'a/b': 'cli.js' } },
    'bin-backslash': { bin: { '..\\evil': 'cli.js' } },
    'bin-nul': { bin: { 'a\0b': 'cli.js' } },
    'bin-newline': { bin: { 'a\nb': 'cli.js' } },
    'bin-long': { bin: { ['x'.repeat(4000)]: 'cli.js' } },
    'bin-target-absolute': { bin: { evil: victim } },
    'bin-target-dotdot': { bin: { evil: '../'.repeat(20) + victim.slice(1) } },
    'bin-target-missing': { bin: { evil: 'nothing.js' } },
    'bin-target-empty': { bin: { evil: '' } },
    'bin-target-a-folder': { bin: { evil: '.' } },
    'bin-number': { bin: { evil: 1 } },
    'bin-list': { bin: ['cli.js'] },
    'bin-node': { bin: { node: 'cli.js', npm: 'cli.js', npx: 'cli.js', hod: 'cli.js', sh: 'cli.js', git: 'cli.js' } },
    'directories-bin': { directories: { bin: '../'.repeat(20) + outside.slice(1) } },
    'directories-bin-absolute': { directories: { bin: outside } },
    'dep-key-dotdot': { dependencies: { '../../evil': 'npm:friend@1.0.0' } },
    'dep-key-scoped-dotdot': { dependencies: { '@x/../../../evil': 'npm:friend@1.0.0' } },
    'dep-key-git-hooks': { dependencies: { '@x/../../../.git/hooks': 'npm:friend@1.0.0' } },
    'dep-key-absolute': { dependencies: { [outside + '/evil']: 'npm:friend@1.0.0' } },
    'dep-key-bin': { dependencies: { '.bin': 'npm:friend@1.0.0' } },
    'dep-key-hod': { dependencies: { '.hod': 'npm:friend@1.0.0' } },
    'dep-key-node_modules': { dependencies: { node_modules: 'npm:friend@1.0.0' } },
    'dep-key-empty': { dependencies: { '': 'npm:friend@1.0.0' } },
    'dep-key-nul': { dependencies: { 'a\0b': 'npm:friend@1.0.0' } },
    'dep-alias-dotdot': { dependencies: { fine: 'npm:../../evil@1.0.0' } },
    'dep-alias-absolute': { dependencies: { fine: `npm:${outside}@1.0.0` } },
    'dep-alias-url': { dependencies: { fine: 'npm:http://127.0.0.1:1/x@1.0.0' } },
    'dep-proto': { dependencies: JSON.parse('{"__proto__":"1.0.0","friend":"1.0.0"}') },
    'dep-constructor': { dependencies: { constructor: '1.0.0' } },
    'dep-file': { dependencies: { fine: 'file:../../../outside' } },
    'dep-file-absolute': { dependencies: { fine: `file:${outside}` } },
    'dep-link': { dependencies: { fine: `link:${outside}` } },
    'dep-workspace': { dependencies: { fine: 'workspace:*' } },
    'dep-git': { dependencies: { fine: 'git+file:///tmp/x' } },
    'dep-git-upload-pack': { dependencies: { fine: `git+ssh://--upload-pack=touch%20${outside}/evil/x` } },
    'dep-git-ext': { dependencies: { fine: `git+ext::sh -c "touch ${outside}/evil"` } },
    'dep-git-proxy-command': { dependencies: { fine: `git+ssh://-oProxyCommand=touch ${outside}/evil/x` } },
    'dep-url': { dependencies: { fine: 'http://127.0.0.1:1/x.tgz' } },
    'version-path': { dependencies: { friend: '../../x' } },
    'deprecated-escape': { deprecated: '\x1b]0;owned\x07\x1b[2J\u202Eevil', description: '\x1b[31m' },
    'engines-escape': { engines: { node: '\x1b[2J>=999' } },
  };
  const inProject = Object.entries(carried).filter(([title]) => /^dep-|^version-/.test(title) && !/file|link|url/.test(title));
  const cases = [
    ...Object.entries(carried).map(([title, fields]) => [title, { [carrying(fields)]: '1.0.0' }]),
    ...Object.entries(carried).map(([title, fields]) => [title + ' (deeper)', { [below(carrying(fields))]: '1.0.0' }]),
    ...inProject.map(([title, fields]) => [title + " (the project's own)", fields.dependencies]),
  ];
  const before = picture(outside);
  for (const [title, dependencies] of cases) {
    for (const layout of ['isolated', 'hoisted']) {
      const around = scene.folder('around'); // what a path that climbs out would land in
      const project = path.join(around, 'project');
      fs.mkdirSync(project);
      fs.writeFileSync(path.join(project, 'package.json'), JSON.stringify({ name: 'p', version: '1.0.0', dependencies }));
      fs.writeFileSync(path.join(project, '.npmrc'), `registry=${scene.registry.base}/\n`);
      const was = picture(around);
      const cache = scene.folder('cache');
      const run = await scene.install(project, cache, { words: [`--layout=${layout}`], timeout: 30_000 });
      const bad = badLinks(project, !title.endsWith('(deeper)'));
      if (picture(around) !== was) bad.push('something around the project changed');
      if (picture(outside) !== before || fs.readdirSync(outside).length !== 1) bad.push('something outside changed');
      if (fs.readdirSync(around).length !== 1) bad.push('something was made beside the project');
      if (/[\x00-\x08\x0b-\x1f\x7f\u202e]/.test(run.out)) bad.push('control characters in the output');
      const told = [0, 2, 3, 4, 5, 9, 11, 1].includes(run.code) && !run.timedOut;
      if (layout === 'isolated' || bad.length > 0 || !told) {
        row({ case: title, layout, code: run.code, pass: bad.length === 0 && told, bad, tail: run.code ? run.out.slice(0, 200) : undefined });
      }
      for (const at of [around, cache]) remove(at);
    }
  }
}
