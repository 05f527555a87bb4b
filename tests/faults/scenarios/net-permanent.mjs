// Faults of one package that stay. Required: the install fails within 5 s, names the package, and leaves nothing bad
// behind: a later run without the fault is right.
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 60 };
const LIMIT_MS = 5000;

export default async function (scene, row) {
  const { synth } = scene;
  const dependencies = synth.roots('^1.0.0', 12);
  const { lock } = await scene.lockFor(dependencies);
  const victim = synth.names[5];
  const other = synth.tarball(synth.names[9], '1.0.0').body;
  const everywhere = {
    404: { type: 'status', code: 404 },
    401: { type: 'status', code: 401 },
    403: { type: 'status', code: 403 },
    410: { type: 'status', code: 410 },
    500: { type: 'status', code: 500 },
    503: { type: 'status', code: 503 },
    reset: { type: 'reset' },
    close: { type: 'close' },
    truncate: { type: 'truncate' },
    short: { type: 'short' },
    html: { type: 'html' },
    'redirect-loop': { type: 'redirectloop' },
    'redirect-to-file': { type: 'redirect', to: 'file:///etc/passwd' },
    'redirect-to-gopher': { type: 'redirect', to: 'gopher://127.0.0.1:1/x' },
    'redirect-nowhere': { type: 'status', code: 302 },
    'redirect-refused': { type: 'redirect', to: 'http://127.0.0.1:1/x' },
    'no-http': { type: 'raw', bytes: 'go away\r\n\r\n' },
    empty: { type: 'swap', body: '' },
    'huge-header': { type: 'status', code: 200, headers: { 'x-much': Array(40).fill('y'.repeat(8000)) } },
  };
  const cases = [];
  for (const [name, fault] of Object.entries(everywhere)) {
    for (const kind of ['tarball', 'packument']) cases.push([`${kind} ${name}`, kind, fault]);
  }
  cases.push(['tarball of another package', 'tarball', { type: 'swap', body: other }]);
  for (const [name, body] of Object.entries({
    'no json': 'not json',
    'cut json': '{"name":"x","versions":{',
    null: 'null',
    array: '[]',
    'no versions': '{"name":"x"}',
    'versions a list': '{"name":"x","versions":[1]}',
    'another name': JSON.stringify(synth.packument(synth.names[9], scene.registry.base)),
  })) {
    cases.push([`packument ${name}`, 'packument', { type: 'swap', body }]);
  }
  for (const [fault, kind, what] of cases) {
    const spoils = (request) =>
      request.kind === kind && (request.url === '/' + victim || request.url.startsWith(`/${victim}/-/`));
    const project = scene.project('project', dependencies, kind === 'tarball' ? { lock } : {});
    const cache = scene.folder('cache');
    const install = kind === 'tarball' ? 'frozen' : 'install';
    scene.registry.reset((request) => (spoils(request) ? what : null));
    const run = await scene[install](project, cache, { timeout: 100_000 });
    const asked = scene.registry.log.filter(spoils).length;
    const before = scene.check(project);
    scene.registry.reset();
    const again = await scene[install](project, cache);
    const after = scene.check(project);
    const says = run.out.includes(victim);
    const pass = run.code > 0 && run.ms <= LIMIT_MS && says && again.code === 0 && after.ok;
    row({ fault, asked, says, pass, ...verdict(run, before), rerun: again.code, rerunTree: after.ok });
    remove(project);
    remove(cache);
  }
}
