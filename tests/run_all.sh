#!/usr/bin/env bash
# Builds one preset and runs every hermetic test in it; ends with "N passed, N failed" (test cases and conformance rows).
set -euo pipefail
cd "$(dirname "$0")/.."
preset=${HOD_PRESET:-dev}
log=build/$preset/tests.log

started=$SECONDS
cmake/build.sh "$preset"
echo "built in $((SECONDS - started)) s"

. tests/in_memory.sh
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
# Tests fork children of programs that have had threads; what is suppressed is said there.
export TSAN_OPTIONS=${TSAN_OPTIONS:-die_after_fork=0:suppressions=$PWD/tests/tsan.supp}

status=0
limit=$([ "$preset" = dev ] && echo 600 || echo 1800)  # sanitizers take their time
ctest --test-dir "build/$preset" -j2 --timeout "$limit" -V >"$log" 2>&1 || status=$?
grep -E '^ *[0-9]+/[0-9]+ Test ' "$log" || true
if [ $status != 0 ]; then
  echo "---- output of the failed tests ----"
  ctest --test-dir "build/$preset" --timeout "$limit" --rerun-failed --output-on-failure 2>&1 | tail -n 400
fi
# doctest: "test cases:  19 |  19 passed | 0 failed"; conformance: "15681 passed, 0 failed"
awk -v status=$status '
  /test cases: / { gsub(/[^0-9|]/, ""); split($0, part, "|"); passed += part[2]; failed += part[3]; programs++ }
  /[0-9]+ passed, [0-9]+ failed/ { match($0, /[0-9]+ passed, [0-9]+ failed/); text = substr($0, RSTART, RLENGTH);
                                   split(text, word, " "); passed += word[1]; failed += word[3]; programs++ }
  END { if (status != 0 && failed == 0) failed = 1   # a program that died counts, though it printed no figure
        if (programs == 0) { print "no test ran"; exit 1 }
        printf "%d passed, %d failed\n", passed, failed; exit failed != 0 || status != 0 }' "$log"
