#!/bin/sh
# Compares module resolution with TypeScript's own: tests/resolution/compare.sh TREE…
# Installs the typescript package into a cache folder (AUTHLINT_ORACLE_CACHE, else below the user's cache), never into the trees.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -gt 0 ] || { echo "usage: compare.sh TREE…" >&2; exit 2; }

cache=${AUTHLINT_ORACLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/authlint-resolution}
mkdir -p "$cache"
# The last line of TypeScript that has the programming interface that the oracle calls.
[ -d "$cache/node_modules/typescript" ] || npm install --prefix "$cache" --no-audit --no-fund --loglevel error typescript@5.9.3 >&2
cp "$here/oracle.mjs" "$cache/oracle.mjs"

trees=
for tree in "$@"; do
  trees=$trees${trees:+:}$(cd "$tree" && pwd)
done
cd "$here/../.."
AUTHLINT_TREES=$trees AUTHLINT_ORACLE=$cache/oracle.mjs exec cargo test --test resolution_oracle -- --ignored --nocapture
