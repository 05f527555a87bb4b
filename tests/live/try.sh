#!/usr/bin/env bash
# `make try`: builds hod, installs a copy of the Express example with it, starts the app and asks it for a page.
set -euo pipefail
cd "$(dirname "$0")/../.."
echo "building hod (a few minutes the first time) …"
cmake/build.sh release hod
hod=$PWD/build/release/cli/hod
"$hod" --version

folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cp -r fixtures/apps/express/. "$folder"
echo "\$ hod install        (in a copy of fixtures/apps/express)"
status=0
(cd "$folder" && env -u CI "$hod" install) || status=$?
if [ $status = 6 ]; then  # network
  cat >&2 <<EOF
hod is built, but this example needs the network: its packages come from the registry
  $("$hod" config get registry 2>/dev/null | head -n 1)
which does not answer from here (hod says why, above). Connect this machine and run
  make try
or, if a proxy leads out, HTTPS_PROXY=http://host:port make try. Without a network there is
  make test
EOF
fi
[ $status = 0 ] || exit $status
echo "\$ node server.js"
(cd "$folder" && PORT=0 exec node server.js) >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  port=$(sed -n 's/.*listening on port \([0-9]*\).*/\1/p' "$folder/server.log")
  [ -n "$port" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done
[ -n "$port" ] || { echo "the app did not start:" >&2; cat "$folder/server.log" >&2; exit 1; }
echo "\$ curl http://127.0.0.1:$port/hello/bricks"
curl -fsS --noproxy '*' "http://127.0.0.1:$port/hello/bricks"
echo
cat <<EOF

It works. What to try next:
  export PATH=$PWD/build/release/cli:\$PATH
  cd your-project && hod install      # then: hod add <package>, hod run <script>, hod --help
  make test                           # every test, no network needed
EOF
