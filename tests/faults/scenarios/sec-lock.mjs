// The lockfile was edited by somebody else (a pull request): hod.lock and package-lock.json. Frozen install with an
// empty cache; the registry may serve other bytes than at lock time. Required: never other bytes than the published ones
// with exit code 0, never another host asked; a wrong digest is a failure. T-LOCK-01 … T-LOCK-08
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { remove, verdict } from '../lib/scene.mjs';
import { gzip, sha512, tar } from '../lib/tar.mjs';

export const packages = { count: 12 };

export default async function (scene, row) {
  const { synth } = scene;
  const name = synth.names[synth.count - 2];
  const dependencies = { [name]: '1.0.0' };
  const { lock } = await scene.lockFor(dependencies);
  const { integrity: right, shasum } = synth.tarball(name, '1.0.0');
  const manifest = JSON.stringify({ name, version: '1.0.0', main: 'index.js' });
  const evil = gzip(
    tar([
      { path: 'package/package.json', data: manifest },
      { path: 'package/index.js', data: 'EVIL' },
    ]),
  );
  let strangers = 0;
  const stranger = http.createServer((request, response) => {
    strangers++;
    response.end(evil);
  });
  await new Promise((done) => stranger.listen(0, '127.0.0.1', done));
  const elsewhere = `http://127.0.0.1:${stranger.address().port}/x/-/x-1.0.0.tgz`;
  const base64 = (hex) => Buffer.from(hex, 'hex').toString('base64');

  const { bin } = synth.packages.get(name).get('1.0.0').manifest;
  const npmLock = (entry) => ({
    'package-lock.json': JSON.stringify({
      name: 'fixture',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: { '': { name: 'fixture', version: '1.0.0', dependencies }, [`node_modules/${name}`]: { ...entry, bin } },
    }),
  });
  const address = scene.registry.base + synth.tarballPath(name, '1.0.0');
  const hod = (edit) => {
    const text = String(lock['hod.lock']);
    const edited = edit(text);
    if (edited === text) throw new Error('the edit of hod.lock changes nothing');
    return { 'hod.lock': edited };
  };
  // case: [lockfile, is the registry evil, wanted: 'refused' | 'right' | 'either']
  const cases = {
    'hod.lock without digest': [hod((text) => text.split(right).join('')), true, 'refused'],
    'hod.lock without the word': [hod((text) => text.replace(/^.*sha512-.*\n/m, '')), true, 'refused'],
    'hod.lock with a wrong digest': [hod((text) => text.split(right).join(sha512('other'))), false, 'refused'],
    'hod.lock with only sha1': [hod((text) => text.split(right).join('sha1-' + base64(shasum))), false, 'either'],
    'hod.lock with only md5': [hod((text) => text.split(right).join('md5-' + base64('00'.repeat(16)))), true, 'refused'],
    'hod.lock with the evil digest': [hod((text) => text.split(right).join(sha512(evil))), false, 'refused'],
    'hod.lock with a weak and a wrong strong digest': [
      hod((text) => text.split(right).join(`sha1-${base64(shasum)} ${sha512('other')}`)),
      false,
      'refused',
    ],
    'hod.lock cut': [hod((text) => text.slice(0, text.length >> 1)), false, 'refused'],
    'hod.lock in conflict': [hod((text) => `<<<<<<< ours\n${text}=======\n${text}>>>>>>> theirs\n`), false, 'refused'],
    'hod.lock empty': [hod(() => ''), false, 'refused'],
    'hod.lock of another version of the package': [hod((text) => text.split('1.0.0').join('1.1.0')), false, 'refused'],
    'package-lock right': [npmLock({ version: '1.0.0', resolved: address, integrity: right }), false, 'right'],
    'package-lock without digest': [npmLock({ version: '1.0.0', resolved: address }), true, 'refused'],
    'package-lock with a wrong digest': [
      npmLock({ version: '1.0.0', resolved: address, integrity: sha512('other') }),
      false,
      'refused',
    ],
    'package-lock with another host': [npmLock({ version: '1.0.0', resolved: elsewhere, integrity: right }), false, 'right'],
    'package-lock with another host and digest': [
      npmLock({ version: '1.0.0', resolved: elsewhere, integrity: sha512(evil) }),
      false,
      'refused',
    ],
    'package-lock with another plain address and digest': [
      npmLock({ version: '1.0.0', resolved: elsewhere.replace('/-/', '/'), integrity: sha512(evil) }),
      false,
      'refused',
    ],
    'package-lock with only sha1': [
      npmLock({ version: '1.0.0', resolved: address, integrity: 'sha1-' + base64(shasum) }),
      false,
      'either',
    ],
    'package-lock with a path outside': [
      {
        'package-lock.json': npmLock({ version: '1.0.0', resolved: address, integrity: right })[
          'package-lock.json'
        ].replace(`node_modules/${name}`, `node_modules/../../${name}`),
      },
      false,
      'refused',
    ],
  };
  for (const [title, [files, swap, wanted]] of Object.entries(cases)) {
    strangers = 0;
    const project = scene.project('project', dependencies, { lock: files });
    const cache = scene.folder('cache');
    scene.registry.reset((request) => (swap && request.kind === 'tarball' ? { type: 'swap', body: evil } : null));
    const run = await scene.frozen(project, cache, { timeout: 60_000 });
    scene.registry.reset();
    const tree = scene.check(project);
    const index = path.join(project, 'node_modules', name, 'index.js');
    const evilInstalled = fs.existsSync(index) && fs.readFileSync(index, 'utf8') === 'EVIL';
    const met = wanted === 'refused' ? run.code > 0 : wanted === 'right' ? run.code === 0 : true;
    const pass = met && !evilInstalled && strangers === 0 && !(run.code === 0 && !tree.ok);
    row({ case: title, evilInstalled, strangers, pass, ...verdict(run, tree) });
    for (const at of [project, cache]) remove(at);
  }
  stranger.close();
}
