#!/bin/sh
# Installs the Debian packages that building (and, with `try`, running the example) needs, and those that are named as
# arguments; where it cannot, it says what is missing, what for, and the command that mends it. Safe to run again: it asks
# dpkg first and does nothing when all is there.
set -eu
cd "$(dirname "$0")/.."

# package: what for
packages="
g++: the compiler
cmake: the build
ninja-build: the build
ccache: the build, faster the second time
mold: the linker
pkg-config: finds libraries
libcurl4-openssl-dev: HTTP, its headers
libcurl4: HTTP
libarchive-dev: reads tarballs
libssl-dev: digests and TLS
nlohmann-json3-dev: JSON
libsqlite3-dev: the store's index
libuv1-dev: the event loop
doctest-dev: the tests
libexpected-dev: results without exceptions
libfmt-dev: messages
libdeflate-dev: inflates tarballs
libxxhash-dev: sums of files
libyaml-dev: reads pnpm's and Yarn's lockfiles
zlib1g-dev: inflates large tarballs
ca-certificates: TLS
curl: asks the example for its page
git: packages from git
"
what_for() {
  case "$1" in
    nodejs) echo "runs packages, and the tests" ;;
    npm) echo "its configured registry becomes hod's default" ;;
    clang | libclang-rt-14-dev) echo "fuzzing" ;;
    clang-format | clang-tidy) echo "the look of the sources" ;;
    *) echo "$packages" | sed -n "s/^$1: //p" ;;
  esac
}

if ! command -v dpkg-query >/dev/null 2>&1; then
  echo "hod is built on Debian 12 or a relative of it, and here is no dpkg. It needs the equivalents of these packages:" >&2
  echo "$packages" | sed -n 's/^\([^:]*\): /  \1: /p' >&2
  exit 1
fi
missing=""
for package in $(echo "$packages" | sed -n 's/^\([^:]*\): .*/\1/p') "$@"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# A Node.js that is not Debian's is as good.
command -v node >/dev/null 2>&1 || missing="$missing nodejs"
command -v npm >/dev/null 2>&1 || missing="$missing npm"
if [ ! -w . ]; then
  echo "$(id -un) may not write in $PWD, where hod is built." >&2
  echo "Run make as the owner, $(stat -c %U .), or in a clone of your own:" >&2
  echo "  git clone \"$PWD\" ~/hod && make -C ~/hod" >&2
  exit 1
fi
[ -z "$missing" ] && exit 0

install="apt-get update && apt-get install -y --no-install-recommends$missing"
say_missing() {
  echo "hod cannot be built yet. These Debian packages are missing:" >&2
  for package in $missing; do printf '  %-22s %s\n' "$package" "$(what_for "$package")" >&2; done
}
if [ "$(id -u)" != 0 ]; then
  say_missing
  echo "Only root can install them, and this is $(id -un). Run" >&2
  if command -v sudo >/dev/null 2>&1; then
    echo "  sudo sh -c '$install'" >&2
  else
    echo "  su -c '$install'" >&2
  fi
  echo "and then make again." >&2
  exit 1
fi
echo "installing Debian packages:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if sh -c "$install" >"$log" 2>&1; then exit 0; fi
grep -E '^(E|Err|W):' "$log" | sort -u | tail -n 8 >&2
say_missing
echo "apt-get could not install them (its words are above)." >&2
if grep -qE 'resolving|resolve|Could not connect|Network is unreachable|Failed to fetch' "$log"; then
  echo "This machine does not reach the Debian mirrors: connect it, or name a local mirror or proxy" >&2
  echo "(/etc/apt/sources.list; http_proxy=http://host:port)." >&2
fi
echo "Then run make again, or by hand:" >&2
echo "  $install" >&2
exit 1
