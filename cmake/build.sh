#!/usr/bin/env bash
# build.sh PRESET TARGET...: configures and builds, and shows of the output only progress and what went wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
complaints=$(mktemp)
trap 'rm -f "$complaints"' EXIT
if ! cmake --preset "$preset" >/dev/null 2>"$complaints"; then
  grep -vE '^(Call Stack|See also)|^  CMakeLists.txt:[0-9]+ \(include\)$' "$complaints" >&2 || true
  echo "hod cannot be built: configuring failed (above)" >&2
  exit 1
fi
targets=()
for target in "$@"; do targets+=(--target "$target"); done
if ! cmake --build "build/$preset" "${targets[@]}" 2>&1 |
  { grep -E --line-buffered 'error|warning|FAILED|ninja:|^\[[0-9]*[05]0/' || true; }; then
  echo "the build failed; all of its output: cmake --build build/$preset" >&2
  exit 1
fi
