// One line per entry of a tree (path, kind, mode, time, content digest or link target), sorted: two trees are equal when these are.
// hod's own state is part of it; only what a running or stopped hod leaves for a moment is left out.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const OWN_STATE = /(^|\/)node_modules\/\.hod\/(journal|trash|tmp)(\/|$)/;

export function treeLines(root) {
  const lines = [];
  const visit = (folder) => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      const relative = path.relative(root, full);
      if (OWN_STATE.test(relative)) continue;
      const info = fs.lstatSync(full);
      const time = info.mtime.toISOString();
      if (entry.isSymbolicLink()) {
        lines.push(`${relative} link ${time} ${fs.readlinkSync(full)}`);
        continue;
      }
      const mode = (info.mode & 0o7777).toString(8);
      if (entry.isDirectory()) {
        lines.push(`${relative} folder ${mode} ${time}`);
        visit(full);
      } else {
        const digest = crypto.createHash('sha256').update(fs.readFileSync(full)).digest('hex');
        lines.push(`${relative} file ${mode} ${time} ${digest}`);
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
