#!/usr/bin/env bash
# `make bench`: sets the bench up (once), runs hod and the peers interleaved, prints the tables and writes them as Markdown.
#   tests/bench/run.sh [PROJECTS [SCENARIOS [CLIENTS [N]]]]       each a comma list or "all"
# Root is needed (network namespace, private ext4); the npm registry is needed once, for the recording. See README.md.
set -euo pipefail
cd "$(dirname "$0")"
projects=${1:-express,vue,alotta}
scenarios=${2:-clean,lockfile,cache+lockfile,cache+lockfile+node_modules}
clients=${3:-hod,hod-hoisted,bun,bun-isolated,pnpm}
n=${4:-5}
if [ "$(id -u)" != 0 ]; then
  echo "make bench needs root: it makes a network namespace and mounts a private file system in memory" >&2
  exit 1
fi
data=${HOD_BENCH_DATA:-$HOME/.cache/hod-bench}
./setup.sh "$projects"
. "$data/env"
export HOD_BENCH_DATA HOD_BENCH_PEERS HOD_BENCH_WORK
export HOD=${HOD:-$PWD/../../build/release/cli/hod}
./registry.py up --netns hodbench >/dev/null
results=$(mktemp "$data/results.XXXXXX.jsonl")
./bench.py run --netns hodbench --projects "$projects" --scenarios "$scenarios" --clients "$clients" -n "$n" --limits --out "$results"
out=$PWD/../../build/bench.md
{
  echo "Measured on $(date +%F), $(nproc) cores, $(uname -sr)."
  echo "$("$HOD" --version | head -n 1); bun $("$HOD_BENCH_PEERS/bun/bin/bun.exe" --version); pnpm $(node -p "require('$HOD_BENCH_PEERS/pnpm/package.json').version")."
  echo "Command: \`make bench\` (tests/bench/run.sh $projects $scenarios $clients $n)."
  ./bench.py report "$results"
} >"$out"
cat "$out"
echo "written to build/bench.md; copy the tables into docs/performance.md"
