// Servers that say nothing, or hardly anything. Required: a silent connection gets a second one within 10 s, so that a
// fault that is gone then costs no more; one that stays is given up within 90 s with exit code 6, and the later run is
// right. T-NET-10
import net from 'node:net';
import { remove, verdict } from '../lib/scene.mjs';

export const packages = { count: 24 };

export default async function (scene, row) {
  const dependencies = scene.synth.roots('^1.0.0', 6);
  const { lock } = await scene.lockFor(dependencies);
  const victim = scene.synth.names[1];
  const isVictim = (kind) => (request) => request.kind === kind && (request.url === '/' + victim || request.url.startsWith(`/${victim}/-/`));
  const once = (kind, fault) => (request) => (isVictim(kind)(request) && request.nth === 1 ? fault : null);
  const always = (kind, fault) => (request) => (isVictim(kind)(request) ? fault : null);
  const silent = { type: 'silent' };
  const stall = { type: 'stall', ms: 600_000 };
  const cases = {
    'once silent, tarball': { fault: once('tarball', silent), within: 15_000 },
    'once silent, packument': { fault: once('packument', silent), within: 15_000 },
    'once stalled, tarball': { fault: once('tarball', stall), within: 15_000 },
    'once stalled, packument': { fault: once('packument', stall), within: 15_000 },
    'once stalled at the end': { fault: once('tarball', { ...stall, at: 0.999 }), within: 15_000 },
    'once a trickle': { fault: once('tarball', { type: 'trickle', bytes: 1, ms: 500 }), within: 45_000 },
    'late by 5 s': { fault: once('tarball', { type: 'delay', ms: 5000 }), within: 15_000 },
    'every first answer silent': { fault: (request) => (request.nth === 1 ? silent : null), within: 20_000 },
    'always silent, tarball': { fault: always('tarball', silent), within: 90_000, fails: true },
    'always silent, packument': { fault: always('packument', silent), within: 90_000, fails: true },
    'always stalled': { fault: always('tarball', stall), within: 90_000, fails: true },
    'always a trickle': { fault: always('tarball', { type: 'trickle', bytes: 1, ms: 500 }), within: 95_000, fails: true },
    'a registry that is all silence': { fault: () => silent, within: 90_000, fails: true },
    'a port that accepts and never reads': { blackHole: true, within: 90_000, fails: true },
  };
  // All at once: they mostly wait.
  await Promise.all(
    Object.entries(cases).map(async ([title, { fault, within, fails, blackHole }]) => {
      const own = await scene.ownRegistry();
      const resolves = title.includes('packument') || title.includes('registry');
      const project = scene.project('project', dependencies, { lock: resolves ? {} : lock, registry: own.base });
      const cache = scene.folder('cache');
      let hole;
      if (blackHole) {
        hole = net.createServer((socket) => socket.pause());
        await new Promise((done) => hole.listen(0, '127.0.0.1', done));
        scene.writeRegistry(project, `http://127.0.0.1:${hole.address().port}`);
      }
      own.reset(fault ?? null);
      const run = await (resolves ? scene.install(project, cache, { timeout: 200_000 }) : scene.frozen(project, cache, { timeout: 200_000 }));
      const before = scene.check(project);
      const injected = own.log.filter((request) => request.fault).length;
      own.reset();
      if (blackHole) scene.writeRegistry(project, own.base);
      const again = fails ? await (resolves ? scene.install(project, cache) : scene.frozen(project, cache)) : undefined;
      const tree = scene.check(project);
      const ended = fails ? run.code === 6 && again.code === 0 : run.code === 0;
      const pass = ended && run.ms <= within && tree.ok && !run.timedOut && (injected > 0 || blackHole === true);
      row({ case: title, injected, within, pass, ...verdict(run, before), rerun: again?.code });
      hole?.close();
      await own.close();
      for (const at of [project, cache]) remove(at);
    }),
  );
}
