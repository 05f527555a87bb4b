// Which code of a dependency runs in an install with default settings? Also manifest confusion: the registry's manifest
// and the tarball's differ. Required: nothing runs; other names and versions in the tarball are refused; dependencies
// come from the registry's manifest. T-SCR-01, T-SCR-02, T-RES-01
import fs from 'node:fs';
import path from 'node:path';
import { remove } from '../lib/scene.mjs';

export const packages = { count: 12 };

export default async function (scene, row) {
  const { synth } = scene;
  const proof = path.join(scene.folder('outside'), 'ran');
  const touch = `touch ${proof}`;
  let made = 0;
  const add = (inTarball, inRegistry, files = {}) => {
    const name = `evil-script-${++made}`;
    const manifest = { name, version: '1.0.0', ...inTarball };
    synth.addSmall(manifest, { 'index.js': '', ...files }, { name, version: '1.0.0', published: { name, version: '1.0.0', ...inRegistry } });
    return name;
  };
  const gyp = JSON.stringify({
    targets: [
      {
        target_name: 'x',
        type: 'none',
        actions: [{ action_name: 'a', inputs: [], outputs: ['x'], action: ['sh', '-c', touch] }],
      },
    ],
  });
  const all = (script) => ({ scripts: { preinstall: script, install: script, postinstall: script, prepare: script } });
  const cases = {
    'declared scripts': add(all(touch), { ...all(touch), hasInstallScript: true }),
    'scripts only in the tarball': add(all(touch), {}),
    'scripts only in the registry': add({}, { ...all(touch), hasInstallScript: true }),
    'a binding.gyp': add({ gypfile: true }, { gypfile: true }, { 'binding.gyp': gyp }),
    'a binding.gyp only in the tarball': add({}, {}, { 'binding.gyp': gyp }),
    'another name in the tarball': add({ name: 'other-name', ...all(touch) }, {}),
    'another version in the tarball': add({ version: '9.0.0' }, {}),
    'an .npmrc in the tarball': add({}, {}, { '.npmrc': `script-shell=${proof}\nignore-scripts=false\n` }),
  };
  for (const [title, name] of Object.entries(cases)) {
    const project = scene.project('project', { [name]: '1.0.0' });
    const cache = scene.folder('cache');
    const run = await scene.install(project, cache, { timeout: 60_000 });
    const ran = fs.existsSync(proof);
    remove(proof);
    const refused = title.startsWith('another');
    const pass = !ran && (refused ? run.code === 5 : run.code === 0);
    row({ case: title, code: run.code, ran, pass, tail: run.out.slice(-200) });
    for (const at of [project, cache]) remove(at);
  }
  const hidden = synth.names[synth.count - 1];
  const name = add({ dependencies: { [hidden]: '1.0.0' } }, {});
  const project = scene.project('project', { [name]: '1.0.0' });
  const run = await scene.install(project, scene.folder('cache'));
  const followed = scene.registry.log.some((request) => request.url.includes(hidden));
  row({ case: 'a dependency only in the tarball', code: run.code, followed, pass: !followed && run.code === 0 });
}
