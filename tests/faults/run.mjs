#!/usr/bin/env node
// Runs fault scenarios against a hod binary: see README.md. One JSON line a try; ends with "N passed, N failed".
// usage: run.mjs [--hod BINARY] [--scenario NAME,…|all] [--tries N] [--work FOLDER] [--out FILE] [--failures]
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Registry } from './lib/registry.mjs';
import { remove, Scene } from './lib/scene.mjs';
import { Synth } from './lib/synth.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const text = { type: 'string' };
const { values: given } = parseArgs({
  options: { hod: text, scenario: text, tries: text, work: text, out: text, failures: { type: 'boolean' } },
});
const hod = path.resolve(given.hod ?? process.env.HOD ?? path.join(here, '../../build/release/cli/hod'));
const folder = path.join(here, 'scenarios');
const known = fs.readdirSync(folder).map((file) => path.parse(file).name).sort();
const wanted = !given.scenario || given.scenario === 'all' ? known : given.scenario.split(',');
const work = fs.mkdtempSync(path.join(given.work ?? os.tmpdir(), 'hod-faults-'));
const count = { passed: 0, failed: 0, skipped: 0, silent: 0 };

function report(scenario, row) {
  const word = row.skipped ? 'skipped' : row.pass ? 'passed' : 'failed';
  count[word]++;
  if (row.silentBad) count.silent++;
  const line = JSON.stringify({ scenario, ...row });
  if (!given.failures || word !== 'passed') console.log(line);
  if (given.out) fs.appendFileSync(given.out, line + '\n');
}

for (const name of wanted) {
  const scenario = await import(pathToFileURL(path.join(folder, name + '.mjs')));
  const synth = new Synth(scenario.packages ?? {});
  const registry = await new Registry(synth).listen();
  const tries = Number(given.tries ?? scenario.tries ?? 1);
  const scene = new Scene({ hod, registry, synth, work: path.join(work, name), tries });
  try {
    await scenario.default(scene, (row) => report(name, row));
  } catch (error) {
    report(name, { pass: false, error: String(error.stack ?? error).slice(0, 900) });
  }
  await registry.close();
  remove(path.join(work, name));
}
remove(work);
if (count.skipped > 0) console.log(`${count.skipped} skipped (they need root)`);
console.log(`${count.silent} silent failures (exit code 0 and a wrong tree)`);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exitCode = count.failed > 0 || count.silent > 0 ? 1 : 0;
