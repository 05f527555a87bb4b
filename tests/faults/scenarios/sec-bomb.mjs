// Answers that are small on the wire and large in memory or on disk. Required: refused in bounded time, memory and disk
// space; nothing is left in the cache but a few small files. T-TAR-10, T-RES-03, T-RES-05, T-NET-13, T-NET-14
import fs from 'node:fs';
import zlib from 'node:zlib';
import { walk } from '../lib/check_tree.mjs';
import { remove } from '../lib/scene.mjs';
import { gzip, tar } from '../lib/tar.mjs';

export const packages = { count: 12 };

const MEMORY_KIB = 1 << 20; // of address space; a usual install takes a small part of it
const LONGEST_MS = 180_000; // 300,000 empty files are within the limits, and take their time
const LARGEST_REST = 64 << 20;

/** gzip of `count` times `piece`, made without having it in memory. */
async function repeated(head, piece, count, tail) {
  const packer = zlib.createGzip({ level: 1 });
  const parts = [];
  packer.on('data', (part) => parts.push(part));
  const end = new Promise((done) => packer.on('end', done));
  packer.write(head);
  for (let i = 0; i < count; i++) if (!packer.write(piece)) await new Promise((done) => packer.once('drain', done));
  packer.end(tail);
  await end;
  return Buffer.concat(parts);
}

const MIB = 1 << 20;

export default async function (scene, row) {
  const { synth, registry } = scene;
  const manifest = (name) => ({ path: 'package/package.json', data: JSON.stringify({ name, version: '1.0.0' }) });
  let made = 0;
  const withTarball = async (tarball) => {
    const name = `bomb-${++made}`;
    synth.add({ name, version: '1.0.0' }, new Map(), { tarball: await tarball(name) });
    return { name };
  };
  const withPackument = (body, headers = {}) => {
    const name = synth.addSmall({ name: `bomb-${++made}`, version: '1.0.0' });
    return { name, fault: (request) => (request.url === '/' + name ? { type: 'swap', body: body(name), headers } : null) };
  };
  const tarHead = (name, size) => tar([manifest(name), { path: 'package/zeros', data: '', claimSize: size }]).subarray(0, -1024);
  const packument = (name, more) => {
    const right = synth.packument(name, registry.base);
    return Buffer.from(JSON.stringify(right).replace(/^\{/, `{${more},`));
  };
  const cases = {
    // 1.5 GiB of zeros in some 1.5 MB
    'a tarball of zeros': await withTarball((name) => repeated(tarHead(name, 1536 * MIB), Buffer.alloc(MIB), 1536, Buffer.alloc(1024))),
    'a tarball that claims 8 GiB': await withTarball((name) => gzip(tar([manifest(name), { path: 'package/z', data: 'x', claimSize: 8 * 1024 * MIB - 1 }]))),
    'a tarball of many empty files': await withTarball((name) => {
      const entries = [manifest(name)];
      for (let i = 0; i < 320_000; i++) entries.push({ path: `package/f${i}`, data: '' });
      return gzip(tar(entries));
    }),
    'a tarball with deep folders': await withTarball((name) => gzip(tar([manifest(name), { path: 'package/' + 'a/'.repeat(75) + 'f', data: '' }]))),
    'a tarball with a large manifest': await withTarball((name) =>
      gzip(tar([{ path: 'package/package.json', data: JSON.stringify({ name, version: '1.0.0', x: 'y'.repeat(9 * MIB) }) }])),
    ),
    'zeros after the end': await withTarball((name) => repeated(tar([manifest(name)]), Buffer.alloc(MIB), 1024, Buffer.alloc(0))),
    'a gzip of a gzip': await withTarball((name) => gzip(gzip(tar([manifest(name)])))),
    'json depth': withPackument((name) => packument(name, `"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}`)),
    'json depth in a version': withPackument((name) =>
      Buffer.from(JSON.stringify(synth.packument(name, registry.base)).replace('"dist":', `"deep":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)},"dist":`)),
    ),
    'a long range': withPackument((name) => {
      const right = synth.packument(name, registry.base);
      right.versions['1.0.0'].dependencies = { x: '^1.0.0 || '.repeat(100_000) + '^1.0.0' };
      return Buffer.from(JSON.stringify(right));
    }),
    'a range of blanks': withPackument((name) => {
      const right = synth.packument(name, registry.base);
      right.versions['1.0.0'].dependencies = { x: ' '.repeat(MIB) };
      return Buffer.from(JSON.stringify(right));
    }),
    'a long version': withPackument((name) => {
      const right = synth.packument(name, registry.base);
      right.versions['1'.repeat(100_000) + '.0.0'] = right.versions['1.0.0'];
      return Buffer.from(JSON.stringify(right));
    }),
    'many versions': withPackument((name) => {
      const right = synth.packument(name, registry.base);
      for (let i = 0; i < 50_000; i++) right.versions[`0.0.${i}`] = { name, version: `0.0.${i}`, dist: right.versions['1.0.0'].dist };
      return Buffer.from(JSON.stringify(right));
    }),
    'many dependencies': withPackument((name) => {
      const right = synth.packument(name, registry.base);
      right.versions['1.0.0'].dependencies = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`nobody-${i}`, '1']));
      return Buffer.from(JSON.stringify(right));
    }),
    'compressed zeros as metadata': withPackument(() => bomb, { 'content-encoding': 'gzip' }),
    'compressed blanks around metadata': withPackument(() => blanks, { 'content-encoding': 'gzip' }),
    'endless metadata': (() => {
      const name = synth.addSmall({ name: `bomb-${++made}`, version: '1.0.0' });
      return { name, fault: (request) => (request.url === '/' + name ? { type: 'endless', body: Buffer.alloc(MIB, 0x20) } : null) };
    })(),
  };
  const bomb = await repeated(Buffer.from('{"name":"'), Buffer.alloc(MIB, 0x61), 1024, Buffer.from('"}'));
  const blanks = await repeated(Buffer.from('{'), Buffer.alloc(MIB, 0x20), 1024, Buffer.from('}'));
  for (const [title, { name, fault }] of Object.entries(cases)) {
    const project = scene.project('project', { [name]: '1.0.0' });
    const cache = scene.folder('cache');
    registry.reset(fault ?? null);
    const run = await scene.install(project, cache, {
      timeout: LONGEST_MS,
      prefix: ['prlimit', `--as=${MEMORY_KIB * 1024}`],
    });
    const rest = walk(cache).reduce((sum, file) => sum + fs.statSync(file).blocks * 512, 0);
    const fine = ['zeros after the end', 'many versions', 'a range of blanks', 'a long version', 'json depth', 'json depth in a version'].includes(title);
    const refused = run.code > 0 && !/ABORT|terminate|bad_alloc/.test(run.out);
    const pass = !run.timedOut && run.signal === null && rest < LARGEST_REST && (refused || (fine && run.code === 0));
    row({ case: title, code: run.code, signal: run.signal, ms: run.ms, restKiB: rest >> 10, pass, tail: run.out.slice(0, 300) });
    for (const at of [project, cache]) remove(at);
  }
}
