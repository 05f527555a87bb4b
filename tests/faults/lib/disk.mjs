// A disk as a power cut may leave it: a model of files and folders by inode, fed with what faultshim recorded.
//
// Before the last sync of a file its bytes are there, and before the last sync of a folder its entries are. Everything
// later is up to the disk: of each file's writes all, none, some, or zeros of the same length; of each folder's changes
// the first few, whatever happened in other folders meanwhile.
import fs from 'node:fs';
import path from 'node:path';

const MAKING = new Set(['create', 'mkdir', 'symlink']);
const NAMING = new Set(['create', 'mkdir', 'symlink', 'link', 'unlink', 'rename', 'exchange']);

/** The lines of a log as operations. `node`: the file meant; `folder`: the one whose sync makes it last. */
export function readLog(file) {
  const lines = fs.readFileSync(file, 'latin1').split('\n');
  const lives = new Map(); // a file system may give a freed inode's number to the next file
  const alive = (inode) => lives.get(inode) ?? inode;
  return lines.slice(0, -1).map((line, at) => {
    const [what, ...f] = line.split('\t');
    const naming = NAMING.has(what);
    if (MAKING.has(what)) lives.set(f[0], `${f[0]}#${at}`);
    switch (what) {
      case 'unlink':
        return { what, naming, folder: alive(f[0]), name: f[1] };
      case 'rename':
        return { what, naming, node: alive(f[0]), from: alive(f[1]), fromName: f[2], folder: alive(f[3]), name: f[4] };
      case 'exchange':
        return { what, naming, from: alive(f[0]), fromName: f[1], folder: alive(f[2]), name: f[3] };
      case 'write':
        return { what, node: alive(f[0]), offset: Number(f[1]), data: Buffer.from(f[2], 'hex') };
      case 'truncate':
        return { what, node: alive(f[0]), length: Number(f[1]) };
      case 'utime':
        return { what, node: alive(f[0]), time: Number(f[1]) + Number(f[2]) / 1e9 };
      case 'chmod':
        return { what, node: alive(f[0]), mode: parseInt(f[1], 8) };
      case 'sync':
        return { what, node: alive(f[0]) };
      case 'syncfs':
        return { what };
      default:
        return { what, naming, node: alive(f[0]), folder: alive(f[1]), name: f[2], target: f[3] };
    }
  });
}

/** What stands below `root` now: Map of inode → {kind, data, target, mode, time, entries: Map of name → inode}. */
export function snapshot(root) {
  const nodes = new Map();
  const visit = (at) => {
    const info = fs.lstatSync(at, { bigint: true });
    const id = String(info.ino);
    if (nodes.has(id)) return id;
    const node = { mode: Number(info.mode) & 0o7777, time: Number(info.mtimeNs) / 1e9, entries: new Map() };
    nodes.set(id, node);
    if (info.isSymbolicLink()) Object.assign(node, { kind: 'symlink', target: fs.readlinkSync(at) });
    else if (!info.isDirectory()) Object.assign(node, { kind: 'file', data: fs.readFileSync(at) });
    else {
      node.kind = 'folder';
      for (const name of fs.readdirSync(at)) node.entries.set(name, visit(path.join(at, name)));
    }
    return id;
  };
  return { nodes, root: visit(root) };
}

const resized = (data, length) => (length <= data.length ? data.subarray(0, length) : Buffer.concat([data, Buffer.alloc(length - data.length)]));

function written(data, { offset, data: bytes }, zeros) {
  const out = Buffer.from(resized(data, Math.max(data.length, offset + bytes.length)));
  if (zeros) out.fill(0, offset, offset + bytes.length);
  else bytes.copy(out, offset);
  return out;
}

/** Which of ops[0…count) are on the disk; zeros: as bytes of zero. */
function choose(ops, count, roll) {
  const kept = new Array(count).fill('no');
  const synced = new Set();
  let all = false;
  const behind = (op) => all || synced.has(op.naming ? op.folder : op.node);
  const inOrder = roll() < 0.3 ? Math.floor(roll() * (count + 1)) : -1; // as a journal does: names up to some moment
  const files = new Map();
  const folders = new Map();
  const decide = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);
  for (let i = count - 1; i >= 0; i--) {
    const op = ops[i];
    if (op.what === 'sync') synced.add(op.node);
    if (op.what === 'syncfs') all = true;
    if (op.what === 'utime' || op.what === 'chmod') kept[i] = 'yes'; // times that look right are the harder case
    else if (behind(op)) kept[i] = 'yes';
    else if (op.naming) decide(folders, op.folder, () => []).push(i);
    else decide(files, op.node, () => []).push(i);
  }
  for (const indices of folders.values()) {
    indices.reverse();
    const most = Math.floor(roll() * (indices.length + 1));
    indices.forEach((index, k) => (kept[index] = (inOrder >= 0 ? index < inOrder : k < most) ? 'yes' : 'no'));
  }
  for (const indices of files.values()) {
    const fate = Math.floor(roll() * 4);
    for (const index of indices) kept[index] = [() => 'yes', () => 'no', () => 'zeros', () => (roll() < 0.5 ? 'yes' : 'no')][fate]();
  }
  return kept;
}

/** A disk that a power cut behind ops[0…count) may leave. `before`: a snapshot, which stays as it is. */
export function possibleDisk(before, ops, count, roll) {
  const nodes = new Map([...before.nodes].map(([id, node]) => [id, { ...node, entries: new Map(node.entries) }]));
  const kept = choose(ops, count, roll);
  const node = (id, kind) => {
    if (!nodes.has(id)) nodes.set(id, { kind, data: Buffer.alloc(0), mode: kind === 'folder' ? 0o755 : 0o644, entries: new Map() });
    return nodes.get(id);
  };
  for (let i = 0; i < count; i++) {
    const op = ops[i];
    if (op.what === 'mkdir') node(op.node, 'folder');
    if (op.what === 'create') node(op.node, 'file');
    if (op.what === 'symlink') Object.assign(node(op.node, 'symlink'), { target: op.target });
    if (kept[i] === 'no') continue;
    const entries = op.naming ? nodes.get(op.folder)?.entries : undefined;
    switch (op.what) {
      case 'create':
      case 'mkdir':
      case 'symlink':
      case 'link':
        entries?.set(op.name, op.node);
        break;
      case 'unlink':
        entries?.delete(op.name);
        break;
      case 'rename': {
        const old = nodes.get(op.from)?.entries;
        if (old?.get(op.fromName) === op.node) old.delete(op.fromName);
        entries?.set(op.name, op.node);
        break;
      }
      case 'exchange': {
        const old = nodes.get(op.from)?.entries;
        const [a, b] = [old?.get(op.fromName), entries?.get(op.name)];
        if (a && b) {
          old.set(op.fromName, b);
          entries.set(op.name, a);
        }
        break;
      }
      case 'write': {
        const file = node(op.node, 'file');
        file.data = written(file.data, op, kept[i] === 'zeros');
        break;
      }
      case 'truncate':
        if (nodes.has(op.node)) nodes.get(op.node).data = resized(nodes.get(op.node).data, op.length);
        break;
      case 'utime':
        if (nodes.has(op.node)) nodes.get(op.node).time = op.time;
        break;
      case 'chmod':
        if (nodes.has(op.node)) nodes.get(op.node).mode = op.mode;
        break;
    }
  }
  return { nodes, root: before.root };
}

/** Makes `disk` at `root`, which must not be there. Names of one file become hard links. */
export function materialise(disk, root) {
  const made = new Map();
  const visit = (id, at) => {
    const node = disk.nodes.get(id);
    if (!node) return;
    if (node.kind === 'symlink') return fs.symlinkSync(node.target, at);
    if (node.kind === 'folder') {
      if (made.has(id)) return undefined; // a rename of which one half is there: the first name has it
      made.set(id, at);
      fs.mkdirSync(at, { mode: 0o700 });
      for (const [name, entry] of node.entries) visit(entry, path.join(at, name));
      return fs.chmodSync(at, node.mode);
    }
    if (made.has(id)) return fs.linkSync(made.get(id), at);
    made.set(id, at);
    fs.writeFileSync(at, node.data, { mode: node.mode });
    if (node.time) fs.utimesSync(at, node.time, node.time);
    return undefined;
  };
  visit(disk.root, root);
}
