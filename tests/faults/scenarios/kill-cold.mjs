// SIGKILL at a random moment of an install with an empty cache; then the same command again, nothing cleaned between.
// Required: the second run exits 0 and every file of every package is what was published.
import { remove, verdict } from '../lib/scene.mjs';
import { random } from '../lib/synth.mjs';

export const tries = 20;

export default async function (scene, row) {
  const dependencies = scene.synth.roots();
  const { lock } = await scene.lockFor(dependencies);
  let undisturbed = Infinity;
  for (let i = 0; i < 3; i++) {
    const project = scene.project('reference', dependencies, { lock });
    const cache = scene.folder('cache');
    undisturbed = Math.min(undisturbed, (await scene.frozen(project, cache)).ms);
    remove(project);
    remove(cache);
  }
  const roll = random('kill-cold');
  for (let i = 0; i < scene.tries; i++) {
    const project = scene.project('project', dependencies, { lock });
    const cache = scene.folder('cache');
    const killedAt = Math.round(undisturbed * (0.05 + (0.93 * (i + roll())) / scene.tries));
    const killed = await scene.frozen(project, cache, { killAfter: killedAt });
    const again = await scene.frozen(project, cache);
    const tree = scene.check(project);
    row({ try: i, killedAt, killed: killed.signal === 'SIGKILL', pass: again.code === 0 && tree.ok, ...verdict(again, tree) });
    remove(project);
    remove(cache);
  }
}
