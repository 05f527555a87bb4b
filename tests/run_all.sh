#!/usr/bin/env bash
# Builds one preset and runs every hermetic test in it; ends with "N passed, N failed" (test cases and conformance rows).
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${HOD_PRESET:-dev}
log=build/$preset/tests.log

cmake --preset "$preset" >build-configure.log 2>&1 || { cat build-configure.log; rm -f build-configure.log; exit 1; }
rm -f build-configure.log
started=$SECONDS
cmake --build "build/$preset" 2>&1 | grep -E --line-buffered 'error|warning|FAILED|ninja:|^\[[0-9]*[05]0/' || true
[ "${PIPESTATUS[0]}" = 0 ] || { echo "the build failed" >&2; exit 1; }
echo "built in $((SECONDS - started)) s"

status=0
ctest --test-dir "build/$preset" -j2 --timeout 600 -V >"$log" 2>&1 || status=$?
grep -E '^ *[0-9]+/[0-9]+ Test ' "$log" || true
if [ $status != 0 ]; then
  echo "---- output of the failed tests ----"
  ctest --test-dir "build/$preset" --timeout 600 --rerun-failed --output-on-failure 2>&1 | tail -n 400
fi
# doctest: "test cases:  19 |  19 passed | 0 failed"; conformance: "15681 passed, 0 failed"
awk -v status=$status '
  /test cases: / { gsub(/[^0-9|]/, ""); split($0, part, "|"); passed += part[2]; failed += part[3]; programs++ }
  /[0-9]+ passed, [0-9]+ failed/ { match($0, /[0-9]+ passed, [0-9]+ failed/); text = substr($0, RSTART, RLENGTH);
                                   split(text, word, " "); passed += word[1]; failed += word[3]; programs++ }
  END { if (status != 0 && failed == 0) failed = 1   # a program that died counts, though it printed no figure
        if (programs == 0) { print "no test ran"; exit 1 }
        printf "%d passed, %d failed\n", passed, failed; exit failed != 0 || status != 0 }' "$log"
