#!/usr/bin/env bash
# Every test of this folder, on the builds of the presets dev (fault points) and release (scenarios). See README.md.
set -uo pipefail
cd "$(dirname "$0")/../.."
. tests/in_memory.sh
status=0
node tests/faults/fault_points.mjs --hod build/dev/cli/hod || status=1
node tests/faults/power_loss.mjs --hod build/dev/cli/hod --shim build/dev/tests/faults/libfaultshim.so || status=1
node tests/faults/run.mjs --hod build/release/cli/hod --failures || status=1
exit $status
