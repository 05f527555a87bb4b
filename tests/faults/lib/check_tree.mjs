// The judge, which knows nothing of hod's inside: is what stands in node_modules what the registry published?
import fs from 'node:fs';
import path from 'node:path';

/** The folder that Node would load `name` from, for code in `folder`; null if there is none. */
function nodeResolve(folder, name) {
  for (let at = folder; ; at = path.dirname(at)) {
    if (path.basename(at) !== 'node_modules') {
      const candidate = path.join(at, 'node_modules', name);
      if (fs.existsSync(path.join(candidate, 'package.json'))) return fs.realpathSync(candidate);
    }
    if (at === path.dirname(at)) return null;
  }
}

const fits = (version, range) =>
  range.startsWith('^') ? version.split('.')[0] === range.slice(1).split('.')[0] : version === range;

/**
 * Walks from the project's manifest by Node's own rules and compares every file with what was published.
 * Returns {ok, packages, files, bad: the first faults, count: of all}.
 */
export function checkTree(project, synth) {
  const bad = [];
  const seen = new Set();
  let files = 0;
  const root = fs.realpathSync(project);

  const compare = (folder, published, id) => {
    for (const [file, data] of published.files) {
      files++;
      let found;
      try {
        found = fs.readFileSync(path.join(folder, file), 'utf8');
      } catch {
        bad.push(`${id}/${file} missing`);
        continue;
      }
      if (found !== data) bad.push(`${id}/${file} differs (${found.length} of ${data.length})`);
    }
    const wanted = new Set(published.files.keys());
    for (const file of walk(folder, { into: (name) => name !== 'node_modules' })) {
      if (!wanted.has(path.relative(folder, file))) bad.push(`${id} has ${path.relative(folder, file)}, never published`);
    }
  };

  const visit = (folder, dependencies, who) => {
    for (const [name, range] of Object.entries(dependencies ?? {})) {
      const at = nodeResolve(folder, name);
      if (!at) {
        bad.push(`${who}: ${name} not found`);
        continue;
      }
      let manifest;
      try {
        manifest = JSON.parse(fs.readFileSync(path.join(at, 'package.json'), 'utf8'));
      } catch {
        bad.push(`${name}: package.json unreadable`);
        continue;
      }
      const id = `${manifest.name}@${manifest.version}`;
      if (manifest.name !== name || !fits(manifest.version, range)) bad.push(`${who}: ${name} is ${id}, wanted ${range}`);
      if (seen.has(at)) continue;
      seen.add(at);
      const published = synth.packages.get(name)?.get(manifest.version);
      if (!published) {
        bad.push(`${id} was never published`);
        continue;
      }
      compare(at, published, id);
      visit(at, published.manifest.dependencies, id);
    }
  };

  const { dependencies } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  visit(root, dependencies, 'the project');
  for (const name of Object.keys(dependencies ?? {})) {
    const versions = synth.packages.get(name);
    for (const bin of Object.keys((versions && [...versions.values()][0].manifest.bin) ?? {})) {
      try {
        fs.accessSync(path.join(root, 'node_modules', '.bin', bin), fs.constants.X_OK);
      } catch {
        bad.push(`.bin/${bin} missing or not executable`);
      }
    }
  }
  return { ok: bad.length === 0, packages: seen.size, files, bad: bad.slice(0, 8), count: bad.length };
}

/** All regular files below `folder`; links are not followed. */
export function walk(folder, { into = () => true } = {}, found = []) {
  let entries;
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return found;
  }
  for (const entry of entries) {
    const at = path.join(folder, entry.name);
    if (entry.isDirectory() && into(entry.name)) walk(at, { into }, found);
    else if (entry.isFile()) found.push(at);
  }
  return found;
}
