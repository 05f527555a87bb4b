# Sourced by the scripts that run tests. They make and remove very many small files, and on a slow disk wait for most of
# their time: unless $TMPDIR says otherwise it becomes a folder in memory that is gone with the script, where there is
# room for two tests at once and programs can be run (containers may forbid it).
if [ -z "${TMPDIR:-}" ] && [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 1000000 ] 2>/dev/null &&
  in_memory=$(mktemp -d /dev/shm/hod-tests-XXXXXX 2>/dev/null); then
  trap 'rm -rf "$in_memory"' EXIT
  if printf '#!/bin/sh\n' >"$in_memory/probe" && chmod +x "$in_memory/probe" && "$in_memory/probe" 2>/dev/null; then
    export TMPDIR=$in_memory
  fi
fi
