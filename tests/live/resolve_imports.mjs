// node --experimental-import-meta-resolve resolve_imports.mjs FOLDER
// Every bare import and require in the sources below FOLDER (node_modules and build output aside) must be found by Node.
import fs from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const SKIPPED = new Set(['node_modules', 'dist', '.next', '.angular']);
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)(['"])([^'"\n]+)\1/g;

function* sources(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name)) continue;
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(full);
    else if (/\.(js|mjs|cjs|jsx|ts|tsx|vue|svelte)$/.test(entry.name)) yield full;
  }
}

let count = 0;
const missing = [];
for (const file of sources(process.argv[2])) {
  for (const [, , specifier] of fs.readFileSync(file, 'utf8').matchAll(SPECIFIER)) {
    if (/^[./]/.test(specifier) || specifier.startsWith('node:') || builtinModules.includes(specifier)) continue;
    count += 1;
    try {
      import.meta.resolve(specifier, pathToFileURL(file).href);
    } catch {
      try {
        createRequire(file).resolve(specifier);
      } catch (error) {
        missing.push(`${specifier} from ${file}: ${error.code}`);
      }
    }
  }
}
if (missing.length > 0 || count === 0) {
  console.error(missing.join('\n') || 'no import was found');
  process.exit(1);
}
console.log(`${count} imports resolve`);
