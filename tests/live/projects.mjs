// `make live-projects`: real projects resolved live, by hod in both layouts and by other package managers in the same hour.
// Usage: node tests/live/projects.mjs FOLDER [--peers=DIR] [--only=NAME,...]     exit 1 when a line is not as it should be
//
// FOLDER holds one folder a project, with its package.json in it or in its `project/`. Lockfiles and node_modules are left behind:
// every manager chooses anew. DIR has pnpm and bun in node_modules/.bin; npm is taken from PATH. What is counted is what stands on
// disk, by validate_tree.mjs: violations, peers that differ from what the parent sees, different name@version. hod is to have none
// of the first two and no more of the third than the best of the others.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const option = (name) => process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const folder = process.argv[2];
if (!folder || folder.startsWith('--')) {
  console.error('usage: node tests/live/projects.mjs FOLDER [--peers=DIR] [--only=NAME,...]');
  process.exit(2);
}
const hod = process.env.HOD ?? path.join(root, 'build/release/cli/hod');
const work = fs.mkdtempSync(path.join(process.env.HOD_LIVE_WORK ?? os.tmpdir(), 'hod-projects-'));
const peers = option('peers') && path.resolve(option('peers'), 'node_modules/.bin');
const only = option('only')?.split(',');
const STEP_LIMIT_MS = 600_000;

const LEFT_BEHIND = new Set([
  'node_modules', '.git', 'hod.lock', 'package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb',
]);

const run = (argv, cwd, env = {}) =>
  spawnSync(argv[0], argv.slice(1), {
    cwd, encoding: 'utf8', timeout: STEP_LIMIT_MS, maxBuffer: 64 << 20, env: { ...process.env, CI: '', HOD_CACHE_DIR: path.join(work, 'cache'), ...env },
  });

function npmSemver() {
  const globalRoot = run(['npm', 'root', '-g'], work).stdout.trim();
  return process.env.SEMVER_PATH ?? path.join(globalRoot, 'npm/node_modules/semver');
}
const SEMVER_PATH = npmSemver();

function managers() {
  const list = [
    { name: 'hod isolated', argv: [hod, 'install', '--ignore-scripts', '--layout=isolated'], own: true },
    { name: 'hod hoisted', argv: [hod, 'install', '--ignore-scripts', '--layout=hoisted'], own: true },
    { name: 'npm', argv: ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund'] },
  ];
  if (peers && fs.existsSync(path.join(peers, 'pnpm')))
    list.push({ name: 'pnpm', argv: [path.join(peers, 'pnpm'), 'install', '--ignore-scripts', '--no-frozen-lockfile'] });
  if (peers && fs.existsSync(path.join(peers, 'bun'))) list.push({ name: 'bun', argv: [path.join(peers, 'bun'), 'install', '--ignore-scripts'] });
  return list;
}

function measure(manager, source, name) {
  const cwd = path.join(work, `${name}-${manager.name.replace(' ', '-')}`);
  fs.cpSync(source, cwd, { recursive: true, filter: (file) => !LEFT_BEHIND.has(path.basename(file)) });
  const installed = run(manager.argv, cwd);
  if (installed.status !== 0) return { failed: `${installed.stderr ?? ''}${installed.stdout ?? ''}`.trim().split('\n').slice(-6).join('\n') };
  const judged = run(['node', path.join(here, 'validate_tree.mjs'), cwd, '--list'], cwd, { SEMVER_PATH });
  fs.rmSync(path.join(cwd, 'node_modules'), { recursive: true, force: true });
  try {
    const verdict = JSON.parse(judged.stdout);
    return { violations: verdict.violations, splits: verdict.peerSplits, versions: verdict.distinctVersions, list: verdict.list, details: verdict.details };
  } catch {
    return { failed: judged.stderr };
  }
}

function judge(rows) {
  const others = rows.filter((row) => !row.own && !row.failed).map((row) => row.versions);
  const best = others.length ? Math.min(...others) : Infinity;
  return rows.map((row) => {
    if (row.failed) return row.own ? 'FAILED' : 'does not install';
    if (!row.own) return '';
    if (row.violations > 0 || row.splits > 0) return 'BROKEN';
    return row.versions > best ? `${row.versions - best} MORE THAN THE BEST` : 'ok';
  });
}

let wrong = 0;
console.log(`${'project'.padEnd(20)} ${'manager'.padEnd(13)} ${'violations'.padStart(10)} ${'splits'.padStart(6)} ${'versions'.padStart(8)}`);
for (const name of fs.readdirSync(folder).sort()) {
  if (only && !only.includes(name)) continue;
  const source = [path.join(folder, name, 'project'), path.join(folder, name)].find((dir) => fs.existsSync(path.join(dir, 'package.json')));
  if (!source) continue;
  const rows = managers().map((manager) => ({ ...manager, ...measure(manager, source, name) }));
  const verdicts = judge(rows);
  rows.forEach((row, i) => {
    const figures = row.failed ? ['-', '-', '-'] : [row.violations, row.splits, row.versions];
    console.log(`${name.padEnd(20)} ${row.name.padEnd(13)} ${String(figures[0]).padStart(10)} ${String(figures[1]).padStart(6)} ${String(figures[2]).padStart(8)}  ${verdicts[i]}`);
    if (row.failed) console.log(row.failed.replace(/^/gm, '    '));
    if (row.own && verdicts[i] !== 'ok') wrong += 1;
  });
  const own = rows.find((row) => row.own && !row.failed);
  const fewest = rows.filter((row) => !row.own && !row.failed).sort((a, b) => a.versions - b.versions)[0];
  if (own && fewest && own.versions > fewest.versions) {
    console.log(`    only hod: ${own.list.filter((id) => !fewest.list.includes(id)).join(' ')}`);
    console.log(`    only ${fewest.name}: ${fewest.list.filter((id) => !own.list.includes(id)).join(' ')}`);
  }
}
fs.rmSync(work, { recursive: true, force: true });
process.exit(wrong > 0 ? 1 : 0);
