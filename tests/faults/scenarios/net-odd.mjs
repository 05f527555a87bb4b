// Servers that are odd rather than dead: wrong lengths, drips, encodings that are none, documents that are bombs, addresses of
// archives that lead elsewhere, one bad answer among many. Required: exit code 0 only with a right tree, else an error that
// names the package, within the time given; no other host is asked with credentials, no file is read; a later run is right
// (or, while a wrong document is fresh, tells the same).
import http from 'node:http';
import zlib from 'node:zlib';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 24 };

export default async function (scene, row) {
  const { synth } = scene;
  const dependencies = synth.roots('^1.0.0', 6);
  const victim = synth.names[2];
  const { lock } = await scene.lockFor(dependencies);
  const asked = [];
  const other = http.createServer((request, response) => {
    asked.push(request.headers.authorization ?? '');
    response.writeHead(200, { 'content-length': 4 });
    response.end('evil');
  });
  await new Promise((done) => other.listen(0, '127.0.0.1', done));
  const elsewhere = `http://localhost:${other.address().port}`;
  const head = (more) => `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${more}\r\n`;
  const document = (change) => (base) => {
    const made = synth.packument(victim, base);
    change(made);
    return { type: 'swap', body: JSON.stringify(made) };
  };
  const each = (change) => document((made) => Object.values(made.versions).forEach(change));
  const gzipped = (bytes) => ({ type: 'swap', body: bytes, headers: { 'content-encoding': 'gzip' } });
  // kind, what goes wrong, and: works (exit code 0 is required), once (only the first time), within.
  const cases = {
    'content-length too large': { kind: 'tarball', fault: { type: 'raw', bytes: head('content-length: 99999999\r\n') + 'x' } },
    'content-length too small': { kind: 'tarball', fault: { type: 'raw', bytes: head('content-length: 3\r\n') + 'xxxxxxxxxx' } },
    'content-length twice': { kind: 'tarball', fault: { type: 'raw', bytes: head('content-length: 3\r\ncontent-length: 5\r\n') + 'xxxxx' } },
    'content-length negative': { kind: 'tarball', fault: { type: 'raw', bytes: head('content-length: -1\r\n') + 'xxxxx' } },
    'a chunk without an end': { kind: 'tarball', fault: { type: 'raw', bytes: head('transfer-encoding: chunked\r\n') + 'ffffff\r\nx' } },
    'a chunk of no size': { kind: 'tarball', fault: { type: 'raw', bytes: head('transfer-encoding: chunked\r\n') + 'zz\r\nx' } },
    'reset after the headers': { kind: 'tarball', fault: { type: 'raw', bytes: head('content-length: 500\r\n') } },
    'a header without an end': { kind: 'tarball', fault: { type: 'raw', bytes: 'HTTP/1.1 200 OK\r\nx: ' + 'y'.repeat(5000) } },
    'a status that is none': { kind: 'tarball', fault: { type: 'raw', bytes: 'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n' } },
    'no content': { kind: 'tarball', fault: { type: 'status', code: 204 } },
    'not modified, unasked': { kind: 'tarball', fault: { type: 'status', code: 304 } },
    'partial content, unasked': { kind: 'tarball', fault: { type: 'status', code: 206, body: 'xx' } },
    'documents: not modified, unasked': { kind: 'packument', fault: { type: 'status', code: 304 } },
    'documents: no content': { kind: 'packument', fault: { type: 'status', code: 204 } },
    'gzip that is none': { kind: 'packument', fault: gzipped('not gzip at all') },
    'gzip cut': { kind: 'packument', fault: gzipped(zlib.gzipSync('x'.repeat(9999)).subarray(0, 20)) },
    'gzip of noise': { kind: 'packument', fault: gzipped(zlib.gzipSync('noise')) },
    'an unknown encoding': { kind: 'packument', fault: { type: 'swap', body: 'x', headers: { 'content-encoding': 'bogus' } } },
    'deep nesting': { kind: 'packument', fault: { type: 'swap', body: '['.repeat(200_000) } },
    'deep nesting inside': { kind: 'packument', fault: { type: 'swap', body: `{"name":"${victim}","versions":{"1.0.0":{"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}}}` } },
    'a huge number': { kind: 'packument', fault: { type: 'swap', body: `{"name":"${victim}","versions":{"1.0.0":{"x":1${'0'.repeat(100_000)}}}}` } },
    'a BOM': { kind: 'packument', make: (base) => ({ type: 'swap', body: '\ufeff' + JSON.stringify(synth.packument(victim, base)) }), free: true },
    'HTML with 200, once': { kind: 'packument', fault: { type: 'html' }, once: true, works: true },
    'HTML with 200 for an archive, once': { kind: 'tarball', fault: { type: 'html' }, once: true, works: true },
    'wrong bytes, once': { kind: 'tarball', fault: { type: 'corrupt' }, once: true, works: true },
    'versions without dist': { kind: 'packument', make: each((version) => delete version.dist) },
    'versions with an empty dist': { kind: 'packument', make: each((version) => (version.dist = {})) },
    'versions of other names': { kind: 'packument', make: each((version) => (version.name = 'other')), free: true },
    'versions of other versions': { kind: 'packument', make: each((version) => (version.version = '9.9.9')), free: true },
    'no integrity, right archives': { kind: 'packument', make: each((version) => delete version.dist.integrity), free: true },
    'an integrity that is none': { kind: 'packument', make: each((version) => (version.dist.integrity = 'sha512-zzz')), free: true },
    'no latest': { kind: 'packument', make: document((made) => (made['dist-tags'] = {})), free: true },
    'latest is none of them': { kind: 'packument', make: document((made) => (made['dist-tags'] = { latest: '9.9.9' })), free: true },
    'versions that are no semver': { kind: 'packument', make: document((made) => (made.versions.bogus = { name: victim, version: 'bogus', dist: {} })), works: true },
    'a thousand dist-tags': { kind: 'packument', make: document((made) => Array.from({ length: 1000 }, (_, i) => (made['dist-tags'][`t${i}`] = '1.0.0'))), works: true },
    'ten thousand versions': {
      kind: 'packument',
      make: document((made) => {
        const one = made.versions['1.1.0'];
        for (let i = 0; i < 10_000; i++) made.versions[`0.0.${i}`] = { ...one, version: `0.0.${i}` };
      }),
      works: true,
    },
    '20 MB of readme': { kind: 'packument', make: document((made) => (made.readme = 'r'.repeat(20_000_000))), works: true },
    'an archive at file:': { kind: 'packument', make: each((version) => (version.dist.tarball = 'file:///etc/passwd')) },
    'an archive at ftp:': { kind: 'packument', make: each((version) => (version.dist.tarball = 'ftp://127.0.0.1/x.tgz')) },
    'an archive at no address': { kind: 'packument', make: each((version) => (version.dist.tarball = 'nothing')) },
    'an archive at an address with a line break': { kind: 'packument', make: each((version) => (version.dist.tarball += '\r\nx: y')), free: true },
    'an archive that is a number': { kind: 'packument', make: each((version) => (version.dist.tarball = 7)), free: true },
    'an archive on another host': { kind: 'packument', make: each((version) => (version.dist.tarball = `${elsewhere}/x.tgz`)), token: true },
    'a redirect to another host': { kind: 'tarball', fault: { type: 'redirect', to: `${elsewhere}/x.tgz` }, token: true },
    'a document redirected to another host': { kind: 'packument', fault: { type: 'redirect', to: `${elsewhere}/x` }, token: true },
    'eleven redirects': { kind: 'tarball', hops: 11 },
    'nine redirects': { kind: 'tarball', hops: 9, works: true },
    'a redirect to an address with a user': { kind: 'tarball', fault: { type: 'redirect', to: 'http://user:secret@127.0.0.1:1/x' } },
    'a redirect to no address': { kind: 'tarball', fault: { type: 'redirect', to: 'http://[::bad' } },
    'a drip of one': { kind: 'tarball', fault: { type: 'trickle', bytes: 1000, ms: 100 }, works: true, within: 60_000 },
    'answers after 3 s': { kind: 'packument', fault: { type: 'delay', ms: 3000 }, works: true, within: 15_000 },
  };
  await Promise.all(
    Object.entries(cases).map(async ([title, given]) => {
      const own = await scene.ownRegistry();
      const resolves = given.kind === 'packument';
      const npmrc = given.token ? `//127.0.0.1:${own.port}/:_authToken=secret\n` : '';
      const project = scene.project('project', dependencies, { lock: resolves ? {} : lock, npmrc, registry: own.base });
      const cache = scene.folder('cache');
      const mine = (request) => request.kind === given.kind && (request.url === '/' + victim || request.url.startsWith(`/${victim}/-/`));
      own.reset((request) => {
        if (!mine(request) || (given.once && request.nth > 1)) return null;
        if (given.hops) return request.nth <= given.hops ? { type: 'redirectloop' } : null;
        return given.make ? given.make(own.base) : given.fault;
      });
      const run = await (resolves ? scene.install(project, cache, { timeout: 120_000 }) : scene.frozen(project, cache, { timeout: 120_000 }));
      const tree = scene.check(project);
      own.reset();
      const again = await scene.install(project, cache);
      const after = scene.check(project);
      const says = run.code === 0 || (run.out.includes(victim) && /\[[A-Z_]+\]/.test(run.out));
      const met = run.code === 0 ? tree.ok && (given.works || given.free) : !given.works;
      // A document counts as long as it is fresh; then the same is told again.
      const healed = again.code === 0 ? after.ok : given.kind === 'packument';
      const pass = Boolean(met) && says && !run.timedOut && run.ms <= (given.within ?? 20_000) && run.signal === null && healed && !/INTERNAL/.test(run.out);
      row({ case: title, says, pass, again: again.code, againTail: again.code ? again.out.slice(-300) : undefined, ...verdict(run, tree) });
      await own.close();
      for (const at of [project, cache]) remove(at);
    }),
  );
  row({ case: 'no credentials went elsewhere', asked: asked.length, pass: asked.every((auth) => auth === '') });
  other.close();
}
