#!/bin/sh
# Installs the Debian packages that building (and, with `try`, running the example) needs, and those that are named as
# arguments; says clearly what is missing when it cannot. Safe to run again: it asks dpkg first and does nothing when all
# is there.
set -eu
packages="g++ cmake ninja-build ccache mold pkg-config libcurl4-openssl-dev libarchive-dev libssl-dev nlohmann-json3-dev
libsqlite3-dev libuv1-dev doctest-dev libexpected-dev libfmt-dev libdeflate-dev libxxhash-dev libyaml-dev zlib1g-dev
libcurl4 ca-certificates curl git"

missing=""
for package in $packages "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# A Node.js that is not Debian's is as good.
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "hod is built on Debian 12 or a relative of it; here is no apt-get. Install the equivalents of:$missing" >&2
  exit 1
fi
if [ "$(id -u)" != 0 ]; then
  echo "These Debian packages are missing, and only root can install them:" >&2
  echo "  sudo apt-get install$missing" >&2
  exit 1
fi
echo "installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
# The package lists may be old or absent on a fresh machine: refresh them once, then again only if the install fails.
if { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >"$log" 2>&1; then
  rm -f "$log"
  exit 0
fi
tail -n 15 "$log" >&2
echo "apt-get could not install:$missing" >&2
echo "If this machine is offline, connect it or install them from a local mirror, then run make again." >&2
rm -f "$log"
exit 1
