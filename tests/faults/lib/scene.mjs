// A scene: projects, caches and runs of hod below one temporary folder, with one registry.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { checkTree } from './check_tree.mjs';
import { Registry } from './registry.mjs';

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
export const remove = (at) => fs.rmSync(at, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });

const KEPT_VARIABLES = ['PATH', 'TERM', 'LANG', 'LC_ALL'];
const LONGEST_OUTPUT = 200_000;

export class Scene {
  constructor({ hod, registry, synth, work, tries }) {
    Object.assign(this, { hod, registry, synth, work, tries });
    this.home = path.join(work, 'home');
    fs.mkdirSync(this.home, { recursive: true });
    this.made = 0;
  }

  /** A new empty folder. */
  folder(label) {
    const at = path.join(this.work, `${label}-${++this.made}`);
    fs.mkdirSync(at, { recursive: true, mode: 0o700 });
    return at;
  }

  /** A new project. `lock`: {file name: bytes} to put beside its manifest. */
  project(label, dependencies, { lock = {}, npmrc = '', manifest = {}, registry = this.registry.base } = {}) {
    const at = this.folder(label);
    const all = { name: 'fixture', version: '1.0.0', private: true, dependencies, ...manifest };
    fs.writeFileSync(path.join(at, 'package.json'), JSON.stringify(all, null, 2) + '\n');
    this.writeRegistry(at, registry, npmrc);
    for (const [file, bytes] of Object.entries(lock)) fs.writeFileSync(path.join(at, file), bytes);
    return at;
  }

  writeRegistry(project, base, more = '') {
    fs.writeFileSync(path.join(project, '.npmrc'), `registry=${base}/\n${more}`);
  }

  /** A second registry of the same packages, for scenes that run beside others. */
  ownRegistry() {
    return new Registry(this.synth).listen();
  }

  mkfifo(at) {
    execFileSync('mkfifo', [at]);
  }

  environment(cache, extra = {}) {
    const kept = KEPT_VARIABLES.filter((name) => process.env[name]).map((name) => [name, process.env[name]]);
    return { ...Object.fromEntries(kept), HOME: this.home, HOD_CACHE_DIR: cache, ...extra };
  }

  /**
   * Runs hod in a process group of its own; after `killAfter` ms, if given, the whole group gets SIGKILL. `prefix`: words
   * before hod's. Returns {code, signal, timedOut, ms, out: both streams, stdout}.
   */
  run(words, { cwd, cache, killAfter, timeout = 120_000, env = {}, prefix = [], stdio, onSpawn, asUser } = {}) {
    const command = [...prefix, this.hod, ...words];
    return new Promise((resolve) => {
      const started = performance.now();
      let out = '';
      let stdout = '';
      let timedOut = false;
      const child = spawn(command[0], command.slice(1), {
        cwd,
        env: this.environment(cache, env),
        detached: true,
        stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
        ...(asUser ? { uid: asUser, gid: asUser } : {}),
      });
      child.on('error', (error) => resolve({ code: -1, ms: 0, out: String(error), stdout: '' }));
      child.stdout?.on('data', (bytes) => {
        if (out.length < LONGEST_OUTPUT) out += bytes;
        if (stdout.length < LONGEST_OUTPUT) stdout += bytes;
      });
      child.stderr?.on('data', (bytes) => {
        if (out.length < LONGEST_OUTPUT) out += bytes;
      });
      const killGroup = () => {
        try {
          process.kill(-child.pid, 'SIGKILL');
        } catch {
          // nobody left
        }
      };
      const killer = killAfter == null ? undefined : setTimeout(killGroup, killAfter);
      const limit = setTimeout(() => {
        timedOut = true;
        killGroup();
      }, timeout);
      onSpawn?.(child);
      child.on('close', (code, signal) => {
        clearTimeout(killer);
        clearTimeout(limit);
        if (child.pid !== undefined) killGroup();
        const ms = Math.round(performance.now() - started);
        resolve({ code, signal, timedOut, ms, out, stdout });
      });
    });
  }

  install(cwd, cache, options = {}) {
    return this.run(['install', ...(options.words ?? [])], { cwd, cache, ...options });
  }

  frozen(cwd, cache, options = {}) {
    return this.run(['install', '--frozen-lockfile'], { cwd, cache, ...options });
  }

  check(project) {
    return checkTree(project, this.synth);
  }

  /** hod.lock for a set of dependencies, made by a run without faults. */
  async lockFor(dependencies, options = {}) {
    this.registry.reset();
    const project = this.project('lock', dependencies, options);
    const cache = this.folder('lock-cache');
    const run = await this.install(project, cache);
    if (run.code !== 0) throw new Error(`cannot make a lockfile: ${run.code} ${run.out.slice(-600)}`);
    const tree = this.check(project);
    if (!tree.ok) throw new Error(`the reference tree is wrong: ${JSON.stringify(tree).slice(0, 600)}`);
    const lock = { 'hod.lock': fs.readFileSync(path.join(project, 'hod.lock')) };
    remove(project);
    remove(cache);
    return { lock, ms: run.ms, packages: tree.packages };
  }
}

/** The fields that every row about a run and the tree after it has. */
export function verdict(run, tree) {
  return {
    code: run.code,
    ms: run.ms,
    tree: tree.ok,
    silentBad: run.code === 0 && !tree.ok,
    bad: tree.ok ? undefined : tree.bad.slice(0, 3),
    tail: run.code === 0 ? undefined : run.out.slice(-300),
  };
}
