// What must hold of a project and a cache at any moment, whatever was interrupted: promises P1, P2 and P4 in docs/testing.md.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { walk } from './check_tree.mjs';

/** How the files below `folder` differ from the published ones; '' if they do not. */
function difference(folder, published) {
  const found = walk(folder, { into: (name) => name !== 'node_modules' });
  for (const file of found) {
    const name = path.relative(folder, file);
    if (!published.files.has(name)) return `has ${name}`;
    if (fs.readFileSync(file, 'utf8') !== published.files.get(name)) return `${name} differs`;
  }
  return found.length === published.files.size ? '' : `has ${found.length} of ${published.files.size} files`;
}

/** P4: package folders in node_modules that are no version that was published, whole. */
export function brokenPackages(project, synth) {
  const bad = [];
  const staging = new Set(['tmp', 'trash']);
  const manifests = walk(path.join(project, 'node_modules'), { into: (name) => !staging.has(name) });
  for (const manifest of manifests.filter((file) => path.basename(file) === 'package.json')) {
    const folder = path.dirname(manifest);
    let found = {};
    try {
      found = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    } catch {
      // counts as unknown
    }
    const published = synth.packages.get(found.name)?.get(found.version);
    const why = published ? difference(folder, published) : 'is no package that was published';
    if (why) bad.push(`${path.relative(project, folder)} ${why}`);
  }
  return bad;
}

/** P2: packages in the store that hold other bytes than the archive they are named by. */
export function brokenStore(cache, synth) {
  const byDigest = new Map();
  for (const [name, versions] of synth.packages) {
    for (const [version, published] of versions) {
      const { body } = synth.tarball(name, version);
      byDigest.set(crypto.createHash('sha512').update(body).digest('hex').slice(0, 64), published);
    }
  }
  const bad = [];
  const shelves = path.join(cache, 'store/v1/packages');
  for (const shelf of fs.existsSync(shelves) ? fs.readdirSync(shelves) : []) {
    for (const name of fs.readdirSync(path.join(shelves, shelf))) {
      if (name.endsWith('.list')) continue;
      const published = byDigest.get(name);
      const why = published ? difference(path.join(shelves, shelf, name), published) : 'is of no archive that was published';
      if (why) bad.push(`store ${name.slice(0, 8)} ${why}`);
    }
  }
  return bad;
}

/** P1: manifest and lockfile are each the old bytes or the new ones, and not the new manifest with the old lockfile. */
export function brokenFiles(project, before, after) {
  const bad = [];
  const now = filesOf(project);
  if (now.manifest !== before.manifest && now.manifest !== after.manifest) bad.push('the manifest is neither old nor new');
  if (now.lock !== before.lock && now.lock !== after.lock) bad.push('the lockfile is neither old nor new');
  const newManifest = now.manifest === after.manifest && before.manifest !== after.manifest;
  if (newManifest && now.lock !== after.lock) bad.push('a new manifest beside an old lockfile');
  return bad;
}

export function filesOf(project) {
  const read = (file) => (fs.existsSync(path.join(project, file)) ? fs.readFileSync(path.join(project, file), 'utf8') : null);
  return { manifest: read('package.json'), lock: read('hod.lock') };
}

/** What a finished run must not leave in a project: staging, trash, half a swap, temporary files. */
export function leftovers(project) {
  const known = new Set(['package.json', 'hod.lock', '.npmrc', 'node_modules']);
  const bad = fs.readdirSync(project).filter((name) => !known.has(name));
  const own = path.join(project, 'node_modules/.hod');
  for (const name of fs.existsSync(own) ? fs.readdirSync(own) : []) {
    const full = name === 'trash' && fs.readdirSync(path.join(own, name)).length > 0;
    if (full || name === 'tmp' || name === 'journal' || name.endsWith('.new')) bad.push(`node_modules/.hod/${name}`);
  }
  return bad;
}
