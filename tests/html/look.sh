#!/usr/bin/env bash
# Looks at authlint's HTML reports in a real Chromium: light and dark, wide and narrow, with and without script. Clicks and types as a reader
# would, listens for requests and console messages, and asks axe-core for what a screen reader cannot use. Fails on anything it finds;
# screenshots are left in the output folder for the eye.
#
# Needs node with npm, and cargo; on a Debian system it installs chromium when it is missing (as root). Installs the npm packages into
# AUTHLINT_TOOLS, by default a folder of the user's cache, on the first run.
#
# usage: tests/html/look.sh OUTPUT-FOLDER [PROJECT…]   (default: every project in fixtures/, all of them as one, and a page full of hostile names)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${AUTHLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/authlint-tests}/html
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
projects=("$@")
is_default=0
if [ ${#projects[@]} -eq 0 ]; then
  is_default=1
  projects=("$root"/fixtures/*/ "$root/fixtures")
fi

if ! command -v chromium >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium
fi
if [ ! -e "$tools/node_modules/.package-lock.json" ]; then
  mkdir -p "$tools"
  PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-audit --no-fund --prefix "$tools" puppeteer@24 axe-core@4
fi
cp "$here/look.mjs" "$tools/look.mjs"

(cd "$root" && cargo build --quiet)
pages=()
for project in "${projects[@]}"; do
  name=$(basename "$project")
  # 1 only says that there are findings.
  (cd "$project" && "$root/target/debug/authlint" --format html="$out/$name.html" 2>>"$out/notices.txt") || [ $? -eq 1 ]
  pages+=("$out/$name.html")
done
if [ $is_default -eq 1 ]; then
  (cd "$root" && AUTHLINT_SAMPLES="$out" cargo test --quiet --test formats write_samples -- --ignored >"$out/cargo.log" 2>&1) ||
    { cat "$out/cargo.log"; exit 1; }
  pages+=("$out/full.html" "$out/clean.html" "$out/hostile.html")
fi
node "$tools/look.mjs" "$(command -v chromium)" "${pages[@]}"
