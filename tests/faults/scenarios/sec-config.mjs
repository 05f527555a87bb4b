// A hostile clone: programs, folders and settings that it names. Required: no program of the project runs, nothing
// outside the project and the cache changes. T-CFG-02, T-CFG-03, T-CFG-05, T-NET-05
import fs from 'node:fs';
import path from 'node:path';
import { remove } from '../lib/scene.mjs';

export const packages = { count: 12 };

export default async function (scene, row) {
  const { synth, registry } = scene;
  const name = synth.addSmall({ name: 'plain', version: '1.0.0' }, { 'index.js': '' });
  const outside = scene.folder('outside');
  const proof = path.join(outside, 'ran');
  const script = `#!/bin/sh\ntouch ${proof}\nexit 0\n`;
  const git = { gitty: 'git+https://127.0.0.1:1/x/y.git' };
  const cases = {
    'git in the project': { programs: ['git', 'node', 'sh', 'tar', 'ssh'], dependencies: git, PATH: `.:${process.env.PATH}` },
    'git in an empty part of PATH': { programs: ['git', 'node'], dependencies: git, PATH: `:${process.env.PATH}:` },
    'git in node_modules/.bin': { programs: ['node_modules/.bin/git', 'node_modules/.bin/node'], dependencies: git },
    'git by a relative part of PATH': { programs: ['tools/git', 'tools/node'], dependencies: git, PATH: `tools:${process.env.PATH}` },
    'git named by .npmrc': { programs: ['evil'], npmrc: 'git=./evil\n', dependencies: git },
    'script-shell': { programs: ['evil'], npmrc: 'script-shell=./evil\nshell=./evil\n' },
    'node-options': { npmrc: `node-options=--require=${proof}\n` },
    'node-gyp': { programs: ['evil'], npmrc: 'node-gyp=./evil\nnode_gyp=./evil\n' },
    'ignore-scripts off': { npmrc: 'ignore-scripts=false\ndangerously-allow-all-builds=true\nunsafe-perm=true\n' },
    'cache elsewhere': { npmrc: `cache=${outside}/cache\nstore-dir=${outside}/store\ncache-dir=${outside}/cache\n` },
    'prefix elsewhere': { npmrc: `prefix=${outside}/prefix\nglobal=true\nlocation=global\nglobal-dir=${outside}/g\n` },
    'modules folder elsewhere': { npmrc: `modules-dir=${outside}/m\nvirtual-store-dir=${outside}/v\nlockfile-dir=${outside}\n` },
    'logs elsewhere': { npmrc: `logs-dir=${outside}/logs\ntmp=${outside}/tmp\ninit-module=${outside}/init\n` },
    'certificates off': { npmrc: 'strict-ssl=false\nca=x\ncafile=./evil\n' },
    'token helper': { programs: ['evil'], npmrc: '//127.0.0.1/:tokenHelper=./evil\ntoken-helper=./evil\n' },
    'command substitution': { npmrc: `tag=$(touch ${proof})\nscope=\`touch ${proof}\`\n` },
    'hod settings in the manifest': { manifest: { hod: { cache: `${outside}/cache`, 'script-shell': './evil', git: './evil' } } },
    'hod.json': { files: { 'hod.json': JSON.stringify({ cache: `${outside}/cache`, 'script-shell': './evil' }) } },
    'pnpm settings': { files: { 'pnpm-workspace.yaml': `storeDir: ${outside}/store\nmodulesDir: ${outside}/m\nvirtualStoreDir: ${outside}/v\n` } },
    'pnpmfile': { files: { '.pnpmfile.cjs': `require('fs').writeFileSync(${JSON.stringify(proof)}, '')`, 'pnpmfile.js': `require('fs').writeFileSync(${JSON.stringify(proof)}, '')` } },
    'yarn settings': { files: { '.yarnrc.yml': `yarnPath: ./evil\nplugins: [./evil]\n`, '.yarnrc': 'yarn-path "./evil"\n' }, programs: ['evil'] },
    'bunfig': { files: { 'bunfig.toml': `preload = ["./evil"]\n[install]\ncache.dir = "${outside}/cache"\n` } },
    'workspaces outside': { manifest: { workspaces: ['../*', `${outside}/*`, '/tmp/*'] } },
  };
  for (const [title, given] of Object.entries(cases)) {
    const project = scene.project('project', given.dependencies ?? { [name]: '1.0.0' }, { npmrc: given.npmrc, manifest: given.manifest });
    const cache = scene.folder('cache');
    for (const program of given.programs ?? []) {
      fs.mkdirSync(path.dirname(path.join(project, program)), { recursive: true });
      fs.writeFileSync(path.join(project, program), script, { mode: 0o755 });
    }
    for (const [file, text] of Object.entries(given.files ?? {})) fs.writeFileSync(path.join(project, file), text);
    registry.reset();
    const run = await scene.install(project, cache, { timeout: 60_000, env: given.PATH ? { PATH: given.PATH } : {} });
    const bad = fs.readdirSync(outside).map((file) => 'outside: ' + file);
    const quick = !run.timedOut && run.code !== null;
    row({ case: title, code: run.code, pass: bad.length === 0 && quick, bad, tail: run.out.slice(0, 300) });
    for (const at of [project, cache, ...fs.readdirSync(outside).map((file) => path.join(outside, file))]) remove(at);
  }
}
