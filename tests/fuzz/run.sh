#!/usr/bin/env bash
# `make fuzz`: runs each fuzz target for a while ($HOD_FUZZ_SECONDS, 60) from its corpus; stops at the first finding,
# whose input is then build/fuzz/<target>-*. A finding gets a test and its input a place in tests/fuzz/corpus/<target>.
set -euo pipefail
cd "$(dirname "$0")/../.."
cmake/build.sh fuzz fuzzers
. tests/in_memory.sh
seconds=${HOD_FUZZ_SECONDS:-60}
for program in build/fuzz/tests/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  target=$(basename "$program" | sed 's/^fuzz_//')
  found=build/fuzz/corpus/$target
  mkdir -p "$found" "tests/fuzz/corpus/$target"
  echo "== $target"
  "$program" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=512 -print_final_stats=1 -verbosity=0 \
    -artifact_prefix="build/fuzz/$target-" "$found" "tests/fuzz/corpus/$target"
done
echo "no finding"
