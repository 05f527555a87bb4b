// Tarballs made by hand: paths, sizes and types are written as they are given, hostile ones included.
import crypto from 'node:crypto';
import zlib from 'node:zlib';

const BLOCK = 512;
const octal = (number, length) => number.toString(8).padStart(length - 1, '0') + '\0';

function header({ path, mode = 0o644, type = '0', link = '', size }) {
  let name = path;
  let prefix = '';
  if (Buffer.byteLength(name) > 100) {
    const cut = name.lastIndexOf('/', 154);
    if (cut < 0 || Buffer.byteLength(name.slice(cut + 1)) > 100) throw new Error('path too long for ustar');
    prefix = name.slice(0, cut);
    name = name.slice(cut + 1);
  }
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0, 100, 'utf8');
  block.write(octal(mode, 8), 100);
  block.write(octal(0, 8), 108);
  block.write(octal(0, 8), 116);
  block.write(octal(size, 12), 124);
  block.write(octal(499162500, 12), 136);
  block.fill(0x20, 148, 156); // the checksum counts as blanks
  block.write(type, 156);
  block.write(link, 157, 100, 'utf8');
  block.write('ustar\0', 257, 'latin1');
  block.write('00', 263);
  block.write(prefix, 345, 155, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(sum.toString(8).padStart(6, '0') + '\0 ', 148, 'latin1');
  return block;
}

/** entries: [{path, data?, mode?, type?, link?, claimSize?}] */
export function tar(entries) {
  const parts = [];
  for (const entry of entries) {
    const data = Buffer.from(entry.data ?? '');
    parts.push(header({ ...entry, size: entry.claimSize ?? data.length }), data);
    parts.push(Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK));
  }
  parts.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(parts);
}

export const gzip = (bytes) => zlib.gzipSync(bytes, { level: 6 });
export const sha512 = (bytes) => 'sha512-' + crypto.createHash('sha512').update(bytes).digest('base64');
export const sha1 = (bytes) => crypto.createHash('sha1').update(bytes).digest('hex');
