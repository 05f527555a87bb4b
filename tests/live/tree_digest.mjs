// One line per entry of a tree (path, kind, mode, content digest or link target), sorted: two trees are equal when these are.
// State of hod itself that names the project's folder or its inputs' stamps is left out: node_modules/.hod/state and lock.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const OWN_STATE = /(^|\/)node_modules\/\.hod\/(state|lock|journal|trash|tmp)(\/|$)/;

export function treeLines(root) {
  const lines = [];
  const visit = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      const relative = path.relative(root, full);
      if (OWN_STATE.test(relative)) continue;
      if (entry.isSymbolicLink()) {
        lines.push(`${relative} link ${fs.readlinkSync(full)}`);
        continue;
      }
      const mode = (fs.statSync(full).mode & 0o7777).toString(8);
      if (entry.isDirectory()) {
        lines.push(`${relative} folder ${mode}`);
        visit(full);
      } else {
        const digest = crypto.createHash('sha256').update(fs.readFileSync(full)).digest('hex');
        lines.push(`${relative} file ${mode} ${digest}`);
      }
    }
  };
  const findModules = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const full = path.join(folder, entry.name);
      if (entry.name !== 'node_modules') {
        findModules(full);
        continue;
      }
      lines.push(`${path.relative(root, full)} folder`);
      visit(full);
    }
  };
  findModules(root);
  return lines.sort();
}
