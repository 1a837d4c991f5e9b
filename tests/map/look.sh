#!/usr/bin/env bash
# Looks at authlint's maps with other people's eyes: the page in a real Chromium (light and dark, wide and narrow: screenshots, text that
# runs out of its card, cards that overlap, broken links, requests, console messages, axe-core's accessibility rules), the Graphviz text
# with dot, the Mermaid text with Mermaid's own command. Fails on anything that they complain about.
#
# Needs node with npm, and cargo; on a Debian system it installs chromium and graphviz when they are missing (as root). Installs the npm
# packages into AUTHLINT_TOOLS, by default a folder of the user's cache, on the first run.
#
# usage: tests/map/look.sh OUTPUT-FOLDER [PROJECT…]   (default: every project in fixtures/, and all of them as one)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${AUTHLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/authlint-tests}/map
out=$(mkdir -p "$1" && cd "$1" && pwd)
shift
projects=("$@")
is_default=0
if [ ${#projects[@]} -eq 0 ]; then
  is_default=1
  projects=("$root"/fixtures/*/ "$root/fixtures")
fi

missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v dot >/dev/null || missing+=(graphviz)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}"
fi
if [ ! -e "$tools/node_modules/.package-lock.json" ]; then
  mkdir -p "$tools"
  PUPPETEER_SKIP_DOWNLOAD=1 npm install --silent --no-audit --no-fund --prefix "$tools" @mermaid-js/mermaid-cli@11 puppeteer@24 axe-core@4
fi
browser=$(command -v chromium)
printf '{"executablePath": "%s", "args": ["--no-sandbox"]}\n' "$browser" >"$tools/puppeteer.json"
cp "$here/look.mjs" "$tools/look.mjs"

(cd "$root" && cargo build --quiet)
pages=()
failed=0

# Has the other formats of a map drawn by their own programs.
draw() {
  local name=$1
  pages+=("$out/$name.html")
  dot -Tsvg -o "$out/$name.dot.svg" "$out/$name.dot" 2>"$out/dot.log" || failed=1
  if [ -s "$out/dot.log" ]; then
    echo "$name: dot:"
    cat "$out/dot.log"
    failed=1
  fi
  if ! "$tools/node_modules/.bin/mmdc" --quiet --puppeteerConfigFile "$tools/puppeteer.json" \
    --input "$out/$name.mermaid" --output "$out/$name.mermaid.svg" >"$out/mmdc.log" 2>&1; then
    echo "$name: mermaid:"
    head -5 "$out/mmdc.log"
    failed=1
  fi
}

for project in "${projects[@]}"; do
  name=$(basename "$project")
  for format in text mermaid dot json html; do
    (cd "$project" && COLUMNS=100 LC_ALL=C.UTF-8 "$root/target/debug/authlint" map --format "$format" --output "$out/$name.$format" 2>>"$out/notices.txt")
  done
  draw "$name"
done
if [ $is_default -eq 1 ]; then
  # Names that mean something in each of the formats.
  (cd "$root" && AUTHLINT_SAMPLES="$out" cargo test --quiet --test map hostile >"$out/cargo.log" 2>&1) || { cat "$out/cargo.log"; exit 1; }
  draw hostile
fi
node "$tools/look.mjs" "$browser" "${pages[@]}" || failed=1
exit $failed
