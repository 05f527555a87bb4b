#!/usr/bin/env python3
"""A project of N times the packages of another one, for what grows with a project's size.

  multiply.py FROM TO [N]     FROM: a folder with package.json and hod.lock; TO: made anew; N: 10
  multiply.py --remove        takes the archives out of the recording again

Every package is there N times under N names ("x3-react", "@babel/x3-core"), with edges among those of one number; TO gets a
manifest and a lockfile, the recording (registry.py) their archives, so that `hod install` has TO's tree at once: N times the
folders, files and links. Archives differ from the recorded ones by the name in their package.json only.
"""
import base64, gzip, hashlib, io, json, os, re, shutil, sys, tarfile, zlib
import registry

EDGE = re.compile(r'  (prod|dev|optional|peer|peerOptional) ')

def renamed(name, i):
    scope, _, base = name.rpartition('/')
    return f'{scope}/x{i}-{base}' if scope else f'x{i}-{base}'

def name_of(word):
    """of NAME@VERSION…"""
    return word[:word.index('@', 1)]

def relabelled(word, i):
    """the peers' label behind a version: (react@18.2.0)(…)"""
    return re.sub(r'\((@?[^@()]+)@', lambda m: f'({renamed(m[1], i)}@', word)

def edge(line, i):
    kind, alias, rest = line[2:].split(' ', 2)
    specifier, _, target = rest.rpartition(' ')
    head, bracket, label = target.partition('(')
    if '@' in head[1:]: head = renamed(name_of(head), i) + head[len(name_of(head)):]
    specifier = re.sub(r'^("?npm:)(@?[^@]+)', lambda m: m[1] + renamed(m[2], i), specifier)
    return f'  {kind} {renamed(alias, i)} {specifier} {head}{relabelled(bracket + label, i)}'

def block(lines, i):
    head = lines[0]
    if head.startswith('package '):
        word = head.split(' ')[1]
        head = f'package {renamed(name_of(word), i)}{relabelled(word[len(name_of(word)):], i)}'
    return [head] + [edge(l, i) if EDGE.match(l) else l for l in lines[1:]]

ARCHIVES = f'{registry.DATA}/www/tgz'

def archive_path(name, version):
    return f"{ARCHIVES}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"

def renamed_archives(name, version, count):
    """writes them; the integrity of each"""
    tar = gzip.decompress(open(archive_path(name, version), 'rb').read())
    parts = tarfile.open(fileobj=io.BytesIO(tar))
    manifests = [m for m in parts if m.isfile() and re.fullmatch(r'[^/]+/package\.json', m.name.removeprefix('./'))]
    sums = []
    for i in range(count):
        out, at, to = [], 0, renamed(name, i)
        for m in manifests:
            text = json.dumps({**json.loads(parts.extractfile(m).read()), 'name': to}).encode()
            end = m.offset_data + (m.size + 511) // 512 * 512
            m2 = tarfile.TarInfo(m.name); m2.size, m2.mode = len(text), m.mode
            out += [tar[at:m.offset], m2.tobuf(), text, b'\0' * (-len(text) % 512)]; at = end
        pack = zlib.compressobj(1, wbits=31)
        data = pack.compress(b''.join(out + [tar[at:]])) + pack.flush()
        registry.put(archive_path(to, version), data)
        sums.append('sha512-' + base64.b64encode(hashlib.sha512(data).digest()).decode())
    return sums

def remove():
    for scope in [ARCHIVES, *(f'{ARCHIVES}/{d}' for d in os.listdir(ARCHIVES) if d.startswith('@'))]:
        for name in os.listdir(scope):
            if re.match(r'x\d+-', name): shutil.rmtree(f'{scope}/{name}')

def main(source, target, count=10):
    manifest = json.load(open(f'{source}/package.json'))
    blocks = [b.split('\n') for b in open(f'{source}/hod.lock').read().strip('\n').split('\n\n')]
    importers = [b for b in blocks[1:] if b[0].startswith('importer ')]
    packages = [b for b in blocks[1:] if b[0].startswith('package ')]
    if len(importers) != 1 or len(importers) + len(packages) + 1 != len(blocks): sys.exit('one importer and packages only')
    if any(len(b[0].split(' ')) > 2 or not b[1].startswith('  integrity ') for b in packages): sys.exit('packages of the registry only')
    sums = {}                                                                 # NAME@VERSION → of each number
    for b in packages:
        name, version = name_of(b[0].split(' ')[1]), re.sub(r'\(.*', '', b[0].split(' ')[1])
        version = version[len(name) + 1:]
        if (name, version) not in sums: sums[name, version] = renamed_archives(name, version, count)
        b[1] = (name, version)
    root = [l for l in importers[0] if not EDGE.match(l)]
    edges, made = [], []
    for i in range(count):
        edges += [edge(l, i) for l in importers[0] if EDGE.match(l)]
        made += [block([b[0], f'  integrity {sums[b[1]][i]}', *b[2:]], i) for b in packages]
    edges.sort(key=lambda l: l.split(' ')[3])
    made.sort(key=lambda b: name_of(b[0].split(' ')[1]))                      # stable: versions stay in order
    for kind in ('dependencies', 'devDependencies', 'optionalDependencies'):
        if kind in manifest:
            manifest[kind] = {renamed(n, i): re.sub(r'^(npm:)(@?[^@]+)', lambda m: m[1] + renamed(m[2], i), s)
                              for i in range(count) for n, s in manifest[kind].items()}
    os.makedirs(target)
    json.dump(manifest, open(f'{target}/package.json', 'w'), indent=1)
    text = [blocks[0], root + edges, *made]
    open(f'{target}/hod.lock', 'w').write('\n\n'.join('\n'.join(b) for b in text) + '\n')
    print(f'{len(made)} packages, {len(edges)} of them direct')

if __name__ == '__main__':
    if sys.argv[1:] == ['--remove']: sys.exit(remove())
    if len(sys.argv) < 3: sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
