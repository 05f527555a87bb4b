// A made-up set of packages: no network, the same bytes on every machine.
import crypto from 'node:crypto';
import { gzip, sha1, sha512, tar } from './tar.mjs';

const WORDS = (
  'amber birch cedar delta ember flint grove heron ivory jasper kelp larch maple north ochre pine quartz raven ' +
  'slate tidal umber vale willow xenon yarrow zinc'
).split(' ');

/** Numbers in [0, 1), the same ones for the same text. */
export function random(seed) {
  let state = crypto.createHash('sha256').update(seed).digest().readUInt32LE(0) || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4294967296;
  };
}

export class Synth {
  /** `count` packages with three versions each; one depends only on those that come after it, so there is no circle. */
  constructor({ count = 120, seed = 'faults-1', files = [6, 30], bytes = 6000 } = {}) {
    Object.assign(this, { count, seed, fileRange: files, bytes });
    this.packages = new Map(); // name → version → {manifest, files, …}
    this.tarballs = new Map();
    this.names = [];
    for (let i = 0; i < count; i++) {
      this.names.push(i % 7 === 3 ? `@fx/${WORDS[i % 26]}-${i}` : `fx-${WORDS[(i * 5) % 26]}-${i}`);
    }
    for (let i = 0; i < count; i++) for (const version of ['1.0.0', '1.1.0', '2.0.0']) this.#make(i, version);
  }

  #make(i, version) {
    const name = this.names[i];
    const roll = random(`${this.seed}/${name}@${version}`);
    const dependencies = {};
    const wanted = i < this.count - 4 ? Math.floor(roll() * 4) : 0;
    for (let k = 0; k < wanted; k++) {
      const other = i + 1 + Math.floor(roll() * Math.min(this.count - i - 1, 40));
      const second = version === '2.0.0' ? roll() < 0.7 : roll() < 0.15;
      dependencies[this.names[other]] = second ? '^2.0.0' : '^1.0.0';
    }
    const manifest = { name, version, description: `fixture ${i}`, license: 'MIT', main: 'index.js', dependencies };
    if (i % 5 === 0) manifest.bin = { [`fx-bin-${i}`]: 'bin/cli.js' };
    const files = new Map();
    const [fewest, most] = this.fileRange;
    const howMany = fewest + Math.floor(roll() * (most - fewest));
    for (let f = 0; f < howMany; f++) {
      const size = f === 1 && i % 11 === 0 ? 25 * this.bytes : 200 + Math.floor(roll() * this.bytes);
      let body = `// ${name}@${version} file ${f}\n`;
      while (body.length < size) body += `exports.k${Math.floor(roll() * 1e9)}=${Math.floor(roll() * 1e9)};\n`;
      files.set(f < 3 ? `lib${f}.js` : `lib/d${f % 4}/m${f}.js`, body);
    }
    const says = JSON.stringify(`${name}@${version}`);
    files.set('index.js', `module.exports=${says};\n`);
    if (manifest.bin) files.set('bin/cli.js', `#!/usr/bin/env node\nconsole.log(${says});\n`);
    files.set('package.json', JSON.stringify(manifest, null, 2) + '\n');
    this.add(manifest, files);
  }

  /**
   * extra: `published` (the registry's manifest, if it differs), `entries` or `tarball` (instead of `files`), `dist`
   * (added to dist; null removes), `tarballUrl`, `time`, `name` and `version` under which it stands in the registry.
   */
  add(manifest, files = new Map(), extra = {}) {
    const name = extra.name ?? manifest.name;
    if (!this.packages.has(name)) this.packages.set(name, new Map());
    this.packages.get(name).set(extra.version ?? manifest.version, { manifest, files, ...extra });
  }

  /** A package of `entries` beside its package.json. */
  addSmall(manifest, entries = {}, extra = {}) {
    const files = new Map([['package.json', JSON.stringify(manifest)], ...Object.entries(entries)]);
    this.add(manifest, files, extra);
    return manifest.name;
  }

  /** Direct dependencies on the first `howMany` packages. */
  roots(range = '^1.0.0', howMany = 24) {
    return Object.fromEntries(this.names.slice(0, howMany).map((name) => [name, range]));
  }

  tarball(name, version) {
    const key = `${name}@${version}`;
    if (!this.tarballs.has(key)) {
      const made = this.packages.get(name)?.get(version);
      if (!made) return null;
      const entries =
        made.entries ??
        [...made.files].map(([path, data]) => ({
          path: 'package/' + path,
          data,
          mode: path.startsWith('bin/') ? 0o755 : 0o644,
        }));
      const body = made.tarball ?? gzip(tar(entries));
      this.tarballs.set(key, { name, version, body, integrity: sha512(body), shasum: sha1(body) });
    }
    return this.tarballs.get(key);
  }

  tarballPath(name, version) {
    return `/${name}/-/${name.split('/').pop()}-${version}.tgz`;
  }

  packument(name, base) {
    const all = this.packages.get(name);
    if (!all) return null;
    const versions = {};
    const time = { created: '2023-01-01T00:00:00.000Z', modified: '2023-06-01T00:00:00.000Z' };
    let latest;
    for (const [version, made] of all) {
      const { integrity, shasum } = this.tarball(name, version);
      const tarball = made.tarballUrl ?? base + this.tarballPath(name, version);
      const dist = { tarball, integrity, shasum, ...made.dist };
      for (const key of Object.keys(dist)) if (dist[key] === null) delete dist[key];
      versions[version] = { ...(made.published ?? made.manifest), dist };
      time[version] = made.time ?? '2023-02-01T00:00:00.000Z';
      if (!version.startsWith('2.')) latest = version;
    }
    latest ??= [...all.keys()].pop();
    return { _id: name, name, 'dist-tags': { latest }, versions, time };
  }
}
