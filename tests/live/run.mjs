// `make live`: installs each app of fixtures/apps from the real registry in every layout, runs it, and holds the trees against
// independent judges. Usage: node tests/live/run.mjs [--layout=isolated|hoisted|gvs] [APP ...]   ends with "N passed, N failed"
//
// For each app and layout: hod install; the app's own check (a server answers, a build makes its output, the chat echoes); every
// import resolves; validate_tree.mjs finds no violation; hoisted: `npm ls --all` (npm 11) calls it valid; then hod ci from the
// lockfile in a second folder makes the same tree.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { treeLines } from './tree_digest.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const hod = process.env.HOD ?? path.join(root, 'build/release/cli/hod');
const work = fs.mkdtempSync(path.join(process.env.HOD_LIVE_WORK ?? os.tmpdir(), 'hod-live-'));
const cache = process.env.HOD_CACHE_DIR ?? path.join(work, 'cache');
const STEP_LIMIT_MS = 300_000;

// What each app must do once installed. `serve`: start it, ask for `path`, expect `text`. `build`: run the script, expect `text` in
// a file below `output`. `run`: run the script, expect `text` on its output.
const apps = {
  express: [{ serve: ['server.js'], path: '/hello/bricks', text: 'Hello, bricks!' }],
  koa: [{ serve: ['server.js'], path: '/hello/bricks', text: '"hello":"bricks"' }],
  'socket.io': [{ run: 'chat', text: 'heard: one brick / one brick' }],
  'react-vite': [{ build: 'build', output: 'dist/assets', text: 'carried by react' }],
  'vue-vite': [{ build: 'build', output: 'dist/assets', text: 'carried by vue' }],
  'svelte-vite': [{ build: 'build', output: 'dist/assets', text: 'carried by svelte' }],
  next: [
    { build: 'build', output: '.next/server/app', text: 'Bricks carried by next' },
    { serve: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', '0'], path: '/api/hello', text: '"hello":"next"' },
  ],
  nest: [
    { build: 'build', output: 'dist', text: 'HelloController' },
    { serve: ['dist/main.js'], path: '/hello/bricks', text: '"hello":"bricks"' },
  ],
  angular: [{ build: 'build', output: 'dist/bricks', text: 'carried by angular' }],
  monorepo: [{ serve: ['apps/server/server.js'], path: '/hello/two bricks', text: 'Hello, Two Bricks, for 2 days' }],
};

// What an app's package.json has to say so that the app runs in the global virtual store: docs/layouts.md tells why.
const forGlobalStore = {
  nest: { pnpm: { packageExtensions: { '@nestjs/platform-express': { peerDependencies: { rxjs: '*' } } } } },
  next: { scripts: { build: 'next build --webpack' } },
};
const layouts = { isolated: ['--layout=isolated'], hoisted: ['--layout=hoisted'], gvs: ['--global-virtual-store'] };

class Failed extends Error {}

const environment = (extra = {}) => {
  const env = { ...process.env, HOD_CACHE_DIR: cache, NEXT_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', ...extra };
  delete env.CI;
  return env;
};

function command(cwd, argv, options = {}) {
  const done = spawnSync(argv[0], argv.slice(1), { cwd, env: environment(options.env), encoding: 'utf8', timeout: STEP_LIMIT_MS, maxBuffer: 64 << 20 });
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`;
  if (done.status !== 0 && !options.mayFail) {
    throw new Failed(`${argv.map((part) => path.basename(part)).join(' ')} ended with ${done.status ?? done.signal}:\n${output.slice(-3000)}`);
  }
  return { status: done.status, stdout: done.stdout, output };
}

// Judges and, where the system's Node.js is too old for the apps, a newer one: installed by hod itself.
function installTools() {
  const folder = path.join(work, 'tools');
  const dependencies = { npm: '^11.0.0', semver: '^7.7.0' };
  const [major, minor] = process.versions.node.split('.').map(Number);
  const oldNode = major < 20 || (major === 20 && minor < 19);
  const nodePackage = `node-${os.platform()}-${os.arch()}`;
  if (oldNode) dependencies[nodePackage] = '^22.12.0';
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'tools', private: true, dependencies }));
  command(folder, [hod, 'install', '--layout=hoisted']);
  const modules = path.join(folder, 'node_modules');
  return {
    node: oldNode ? path.join(modules, nodePackage, 'bin/node') : process.execPath,
    npm: path.join(modules, 'npm/bin/npm-cli.js'),
    semver: path.join(modules, 'semver'),
  };
}

function filesBelow(folder) {
  return fs.readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

async function serve(folder, check, tools) {
  const server = spawn(tools.node, check.serve, { cwd: folder, env: environment({ PORT: '0' }) });
  try {
    let output = '';
    const port = await new Promise((resolve, reject) => {
      const limit = setTimeout(() => reject(new Failed(`no port after 60 s:\n${output}`)), 60_000);
      const read = (text) => {
        output += text;
        const found = /listening on port (\d+)/.exec(output) ?? /http:\/\/127\.0\.0\.1:(\d+)/.exec(output);
        if (found) {
          clearTimeout(limit);
          resolve(found[1]);
        }
      };
      server.stdout.on('data', read);
      server.stderr.on('data', read);
      server.on('exit', (code) => reject(new Failed(`the server ended with ${code}:\n${output}`)));
    });
    let answer;
    for (let tries = 0; ; tries += 1) {
      try {
        answer = await fetch(`http://127.0.0.1:${port}${encodeURI(check.path)}`);
        break;
      } catch (error) {
        if (tries === 50) throw new Failed(`the server does not answer: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    const body = await answer.text();
    if (answer.status !== 200 || !body.includes(check.text)) throw new Failed(`answered ${answer.status}: ${body.slice(0, 500)}`);
  } finally {
    server.kill();
  }
}

async function perform(folder, check, tools) {
  const withNode = { env: { PATH: `${path.dirname(tools.node)}:${process.env.PATH}` } };
  if (check.serve) return serve(folder, check, tools);
  const { output } = command(folder, [hod, 'run', check.build ?? check.run], withNode);
  if (check.run && !output.includes(check.text)) throw new Failed(`\`hod run ${check.run}\` printed no "${check.text}":\n${output}`);
  if (!check.build) return undefined;
  const made = filesBelow(path.join(folder, check.output));
  if (!made.some((file) => fs.readFileSync(file).includes(check.text))) throw new Failed(`no file below ${check.output} has "${check.text}"`);
  return undefined;
}

function judge(folder, layout, tools) {
  command(folder, [tools.node, '--experimental-import-meta-resolve', path.join(here, 'resolve_imports.mjs'), folder]);
  const store = layout === 'gvs' ? ['--store', path.join(cache, 'links/v1')] : [];
  const verdict = command(folder, [tools.node, path.join(here, 'validate_tree.mjs'), folder, ...store], { env: { SEMVER_PATH: tools.semver }, mayFail: true });
  const report = JSON.parse(verdict.stdout);
  if (report.violations > 0) throw new Failed(`validate_tree: ${JSON.stringify(report.details, null, 1)}`);
  if (layout === 'hoisted') npmCallsItValid(folder, tools);
  return report;
}

// npm does not know the protocol `workspace:`, so its judgement is asked about manifests that say `*` instead.
function npmCallsItValid(folder, tools) {
  const manifests = filesBelow(folder).filter((file) => path.basename(file) === 'package.json' && !file.includes('node_modules'));
  const texts = new Map(manifests.map((file) => [file, fs.readFileSync(file, 'utf8')]));
  for (const [file, text] of texts) fs.writeFileSync(file, text.replace(/"workspace:[*^~]"/g, '"*"'));
  command(folder, [tools.node, tools.npm, 'ls', '--all', '--loglevel=error']);
  for (const [file, text] of texts) fs.writeFileSync(file, text);
}

function copyApp(app, layout, name) {
  const folder = path.join(work, name);
  fs.cpSync(path.join(root, 'fixtures/apps', app), folder, { recursive: true });
  if (layout === 'gvs' && forGlobalStore[app]) {
    const file = path.join(folder, 'package.json');
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), ...forGlobalStore[app] }, null, 2));
  }
  return folder;
}

async function tryApp(app, layout, tools) {
  const folder = copyApp(app, layout, `${app}-${layout}`);
  command(folder, [hod, 'install', ...layouts[layout]]);
  const installed = treeLines(folder);
  const report = judge(folder, layout, tools);
  for (const check of apps[app]) await perform(folder, check, tools);

  const second = copyApp(app, layout, `${app}-${layout}-ci`);
  fs.copyFileSync(path.join(folder, 'hod.lock'), path.join(second, 'hod.lock'));
  command(second, [hod, 'ci', ...layouts[layout]]);
  const again = treeLines(second);
  const differing = again.filter((line) => !installed.includes(line)).concat(installed.filter((line) => !again.includes(line)));
  if (differing.length > 0) throw new Failed(`hod ci made another tree:\n${differing.slice(0, 10).join('\n')}`);
  fs.rmSync(second, { recursive: true, force: true });
  if (!process.env.HOD_LIVE_KEEP) fs.rmSync(folder, { recursive: true, force: true });
  return `${report.instances} packages, ${report.peerSplits} peer splits`;
}

const words = process.argv.slice(2);
const named = words.filter((word) => !word.startsWith('--'));
const wanted = named.length > 0 ? named : Object.keys(apps);
const asked = words.filter((word) => word.startsWith('--layout=')).map((word) => word.slice('--layout='.length));
let passed = 0;
let failed = 0;
try {
  const tools = installTools();
  for (const app of wanted) {
    for (const layout of asked.length > 0 ? asked : Object.keys(layouts)) {
      const started = Date.now();
      try {
        const said = await tryApp(app, layout, tools);
        passed += 1;
        console.log(`ok      ${app} ${layout}  ${said}  ${((Date.now() - started) / 1000).toFixed(1)} s`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${app} ${layout}  ${error instanceof Failed ? error.message : error.stack}`);
      }
    }
  }
} catch (error) {
  failed += 1;
  console.log(`FAILED  set-up  ${error.message}`);
} finally {
  if (!process.env.HOD_LIVE_KEEP) fs.rmSync(work, { recursive: true, force: true });
  else console.log(`kept: ${work}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
