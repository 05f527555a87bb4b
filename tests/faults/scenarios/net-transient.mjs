// Faults that go away: answers are wrong the first time (or every n-th time) and right after. Cold cache, lockfile there
// or not. Required: one single run exits 0 with a right tree.
import { remove, verdict } from '../lib/scene.mjs';

const hash = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
const first = (kind, one, of, fault) => (request) =>
  request.kind === kind && request.nth === 1 && hash(request.url) % of < one ? fault : null;

const status = (code, headers) => ({ type: 'status', code, headers });
const faults = {
  none: () => null,
  '500-every-9th': (request) => (request.n % 9 === 0 ? status(500) : null),
  '503-first-1of5': first('tarball', 1, 5, status(503)),
  '429-first-1of5': first('tarball', 1, 5, status(429, { 'retry-after': '1' })),
  '429-date-1of5': first('tarball', 1, 5, status(429, { 'retry-after': new Date(Date.now() + 1000).toUTCString() })),
  '429-negative-1of5': first('tarball', 1, 5, status(429, { 'retry-after': '-9' })),
  '429-nonsense-1of5': first('tarball', 1, 5, status(429, { 'retry-after': 'soon' })),
  '408-first-1of5': first('tarball', 1, 5, status(408)),
  'truncate-first-1of5': first('tarball', 1, 5, { type: 'truncate' }),
  'chunkcut-first-1of5': first('tarball', 1, 5, { type: 'chunkcut' }),
  'short-first-1of5': first('tarball', 1, 5, { type: 'short' }),
  'reset-first-1of5': first('tarball', 1, 5, { type: 'reset' }),
  'close-first-1of5': first('tarball', 1, 5, { type: 'close' }),
  'corrupt-first-1of7': first('tarball', 1, 7, { type: 'corrupt' }),
  'html-first-1of5': first('tarball', 1, 5, { type: 'html' }),
  'no-http-first-1of5': first('tarball', 1, 5, { type: 'raw', bytes: 'go away\r\n\r\n' }),
  'packument-503-1of3': first('packument', 1, 3, status(503)),
  'packument-truncate-1of3': first('packument', 1, 3, { type: 'truncate' }),
  'packument-chunkcut-1of3': first('packument', 1, 3, { type: 'chunkcut' }),
  'packument-short-1of3': first('packument', 1, 3, { type: 'short' }),
  'packument-html-1of3': first('packument', 1, 3, { type: 'html' }),
  'packument-reset-1of3': first('packument', 1, 3, { type: 'reset' }),
};

export default async function (scene, row) {
  const dependencies = scene.synth.roots();
  const { lock } = await scene.lockFor(dependencies);
  for (const [fault, spoil] of Object.entries(faults)) {
    const resolves = fault.startsWith('packument');
    const project = scene.project('project', dependencies, resolves ? {} : { lock });
    const cache = scene.folder('cache');
    scene.registry.reset(spoil);
    const run = await (resolves ? scene.install(project, cache) : scene.frozen(project, cache));
    const injected = scene.registry.log.filter((request) => request.fault).length;
    scene.registry.reset();
    const tree = scene.check(project);
    const enough = fault === 'none' || injected > 0;
    row({ fault, injected, pass: run.code === 0 && tree.ok && enough, ...verdict(run, tree) });
    remove(project);
    remove(cache);
  }
}
