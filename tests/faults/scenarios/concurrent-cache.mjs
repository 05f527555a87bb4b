// Two projects install at the same time from one empty cache. Required: both exit 0, both trees are right.
import { remove, sleep, verdict } from '../lib/scene.mjs';

export const tries = 4;

export default async function (scene, row) {
  const few = scene.synth.roots('^1.0.0', 24);
  const other = scene.synth.roots('^2.0.0', 20);
  const locks = [await scene.lockFor(few), await scene.lockFor(other)];
  for (let i = 0; i < scene.tries; i++) {
    const same = i % 2 === 1;
    const cache = scene.folder('cache');
    const a = scene.project('a', few, { lock: locks[0].lock });
    const b = scene.project('b', same ? few : other, { lock: locks[same ? 0 : 1].lock });
    const [first, second] = await Promise.all([
      scene.frozen(a, cache),
      sleep(i * 15).then(() => scene.frozen(b, cache)),
    ]);
    for (const [run, project] of [
      [first, a],
      [second, b],
    ]) {
      const tree = scene.check(project);
      row({ try: i, same, pass: run.code === 0 && tree.ok, ...verdict(run, tree) });
    }
    for (const at of [a, b, cache]) remove(at);
  }
}
