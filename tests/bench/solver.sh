#!/usr/bin/env bash
# `make bench-solver`: what resolving costs. Made-up registries always; the project `alotta` where the bench is set up
# (setup.sh): in process, and as a whole command, offline, out of a cache of its own that is filled once.
set -euo pipefail
cd "$(dirname "$0")"
build=$PWD/../../build/release
"$build/tests/bench/solver_bench" --loose-peers --generated 1000 --generated 10000

data=${HOD_BENCH_DATA:-$HOME/.cache/hod-bench}
packuments=$data/www/http/abbr
if [ ! -d "$packuments" ] || [ ! -f "$data/env" ]; then
  echo "alotta: the bench is not set up (tests/bench/setup.sh alotta), so only the made-up registries were measured"
  exit 0
fi
"$build/tests/bench/solver_bench" --loose-peers --often "$packuments" projects/alotta

. "$data/env"
./registry.py up --netns hodbench >/dev/null
work=$(mktemp -d "$HOD_BENCH_WORK/solver.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/project" "$work/home"
cp projects/alotta/package.json "$work/project"
echo "registry=http://127.0.0.1:7100/" >"$work/project/.npmrc"
cd "$work/project"
export HOME=$work/home HOD_CACHE_DIR=$work/cache
ip netns exec hodbench "$build/cli/hod" install --lockfile-only >/dev/null 2>&1
python3 - "$build/cli/hod" <<'PYTHON'
import os, subprocess, sys, time
runs = []
for _ in range(30):
    os.unlink('hod.lock')
    start = time.monotonic()
    child = subprocess.Popen([sys.argv[1], 'install', '--lockfile-only', '--offline'],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = (time.monotonic() - start) * 1e3
    if status: sys.exit('hod install --lockfile-only --offline failed')
    runs.append((wall, (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_maxrss / 1024))
wall, cpu, peak = (sorted(column) for column in zip(*runs))
middle = len(runs) // 2
print(f'alotta, hod install --lockfile-only --offline: {wall[0]:.1f} ms at best, {wall[middle]:.1f} ms in the middle; '
      f'CPU {cpu[0]:.1f} and {cpu[middle]:.1f} ms; peak {peak[-1]:.0f} MB')
PYTHON
