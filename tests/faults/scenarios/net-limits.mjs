// The name cannot be looked up, the port is closed, the proxy refuses, the server says "later", certificates are not
// believed. Required: distinct words, bounded time: permanent faults within 5 s, names within 15 s; Retry-After is honoured and
// clamped. T-NET-05, T-NET-09, T-NET-12, T-NET-15
import net from 'node:net';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 24 };

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 6);
  const { lock } = await scene.lockFor(dependencies);
  const closed = await new Promise((done) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
  const here = scene.registry.port;
  const refusing = net.createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n')));
  await new Promise((done) => refusing.listen(0, '127.0.0.1', done));
  const rude = net.createServer((socket) => socket.destroy());
  await new Promise((done) => rude.listen(0, '127.0.0.1', done));
  const proxied = { NO_PROXY: '', no_proxy: '' };
  const cases = {
    'a name that is none': { registry: 'https://no-such-host.invalid', within: 15_000, says: /name|DNS/i },
    'the longest name': { registry: `https://${'a'.repeat(63)}.invalid`, within: 15_000 },
    'a closed port': { registry: `http://127.0.0.1:${closed}`, within: 5000, says: /refuse/i },
    'a port that hangs up': { registry: `http://127.0.0.1:${rude.address().port}`, within: 5000, says: /lost|connection/i },
    'no TLS there': { registry: `https://127.0.0.1:${here}`, within: 5000 },
    'a proxy that is closed': { env: { ...proxied, HTTP_PROXY: `http://127.0.0.1:${closed}` }, within: 5000, says: /proxy/i },
    'a proxy that wants a login': { env: { ...proxied, HTTP_PROXY: `http://127.0.0.1:${refusing.address().port}` }, within: 5000, says: /proxy|407|login/i },
    'a proxy without a name': { env: { ...proxied, HTTP_PROXY: 'http://no-such-host.invalid:3128' }, within: 15_000, says: /proxy/i },
    '401 for all': { fault: () => ({ type: 'status', code: 401 }), within: 5000, code: 7 },
    '403 for all': { fault: () => ({ type: 'status', code: 403 }), within: 5000, code: 7 },
    '404 for all': { fault: () => ({ type: 'status', code: 404 }), within: 5000, code: 4 },
    '500 for all': { fault: () => ({ type: 'status', code: 500 }), within: 8000, code: 6 },
    '429 for all, without a time': { fault: () => ({ type: 'status', code: 429 }), within: 8000, code: 6 },
    '429 for 2 s': { fault: (request) => (request.nth === 1 ? { type: 'status', code: 429, headers: { 'retry-after': '2' } } : null), atLeast: 2000, within: 10_000, code: 0 },
    '503 until a date': {
      fault: (request) => (request.nth === 1 ? { type: 'status', code: 503, headers: { 'retry-after': new Date(Date.now() + 3000).toUTCString() } } : null),
      within: 12_000,
      code: 0,
    },
    '429 for a year': { fault: (request) => (request.kind === 'tarball' && request.nth === 1 && request.n < 4 ? { type: 'status', code: 429, headers: { 'retry-after': '31536000' } } : null), atLeast: 55_000, within: 80_000, code: 0 },
    '429 until a date far away': {
      fault: (request) => (request.kind === 'tarball' && request.nth === 1 && request.n < 4 ? { type: 'status', code: 429, headers: { 'retry-after': 'Fri, 01 Jan 2999 00:00:00 GMT' } } : null),
      atLeast: 55_000,
      within: 80_000,
      code: 0,
    },
    'redirects to the right place': { fault: (request, base) => (!request.url.startsWith('/moved') && request.kind === 'tarball' && request.n % 2 ? { type: 'redirect', to: base + request.url } : null), within: 10_000 },
  };
  await Promise.all(
    Object.entries(cases).map(async ([title, given]) => {
      const own = await scene.ownRegistry();
      const project = scene.project('project', dependencies, { lock, registry: given.registry ?? own.base });
      const cache = scene.folder('cache');
      own.reset(given.fault ? (request) => given.fault(request, own.base) : null);
      const run = await scene.frozen(project, cache, { timeout: 200_000, env: given.env });
      const tree = scene.check(project);
      const wanted = given.code ?? (given.fault && !given.says ? run.code : 6);
      const said = !given.says || given.says.test(run.out);
      const clear = !/unknown error/i.test(run.out);
      const pass = run.code === wanted && run.ms <= given.within && run.ms >= (given.atLeast ?? 0) && said && clear && !run.timedOut && (run.code !== 0 || tree.ok);
      row({ case: title, within: given.within, said, pass, ...verdict(run, tree) });
      await own.close();
      for (const at of [project, cache]) remove(at);
    }),
  );
  refusing.close();
  rude.close();
}
