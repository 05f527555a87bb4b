#!/usr/bin/env bash
# build.sh PRESET TARGET...: configures and builds, and shows of the output only progress and what went wrong.
set -euo pipefail
cd "$(dirname "$0")/.."
preset=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cmake --preset "$preset" >"$log" 2>&1; then
  if grep -q '^CMake Error' "$log"; then
    sed -n '/^CMake Error/,$p' "$log" |
      grep -vE '^(Call Stack|See also|-- Configuring incomplete)|^  CMakeLists.txt:[0-9]+ \(include\)$' >&2 || true
  else
    cat "$log" >&2
  fi
  echo "hod cannot be built: configuring failed (above)" >&2
  exit 1
fi
targets=()
for target in "$@"; do targets+=(--target "$target"); done
cmake --build "build/$preset" "${targets[@]}" 2>&1 |
  grep -E --line-buffered 'error|warning|FAILED|ninja:|^\[[0-9]*[05]0/' || true
if [ "${PIPESTATUS[0]}" != 0 ]; then
  echo "the build failed; all of its output: cmake --build build/$preset" >&2
  exit 1
fi
