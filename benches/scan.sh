#!/usr/bin/env bash
# How fast authlint is on a large tree, measured against a search that only reads it, and how much memory it takes.
#
# usage: benches/scan.sh TREE [FILE]
#   TREE  a folder with many files, for instance several public repositories side by side
#   FILE  a small file in it, for the time that a commit hook takes (default: the smallest script of 1 KB or more)
#
# Needs cargo, git, hyperfine, ripgrep and GNU time (Debian: apt install hyperfine ripgrep time). Prints the ratio of the wall times of
# `authlint . --format json` and `rg -l -i telnyx`, the peak memory, and the time of a run on one file.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '4,6s/^# //p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd)
tree=$(cd "$1" && pwd)
for tool in hyperfine rg git /usr/bin/time; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed" >&2; exit 2; }
done
(cd "$root" && cargo build --release --quiet)
authlint=${CARGO_TARGET_DIR:-$root/target}/release/authlint
file=${2:-$(find "$tree" -name node_modules -prune -o -type f -name '*.ts' -size +1k -size -3k -print | sort | sed -n 1p)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$tree"

# Both read the tree from the page cache. Findings and no match are no failures.
hyperfine --warmup 2 --runs "${RUNS:-15}" --ignore-failure --export-json "$work/scan.json" \
  --command-name authlint "$authlint . --format json" \
  --command-name ripgrep "rg -l -i telnyx" >/dev/null 2>&1
/usr/bin/time --format '%M' --output "$work/memory" "$authlint" . --format json >"$work/report.json" || [ $? -eq 1 ]

# A hook sees one file of one repository, so the run starts at that repository's root. No shell in between, which would cost as much.
if [ -n "$file" ]; then
  repository=$(git -C "$(dirname "$file")" rev-parse --show-toplevel 2>/dev/null || dirname "$file")
  cd "$repository"
  hyperfine --shell none --warmup 5 --runs 50 --ignore-failure --export-json "$work/hook.json" \
    "$authlint check --quiet '$(realpath --relative-to="$repository" "$file")'" >/dev/null 2>&1
fi

python3 - "$work" "$file" <<'PY'
import json, os, sys

work, file = sys.argv[1:]
authlint, ripgrep = json.load(open(f"{work}/scan.json"))["results"]
summary = json.load(open(f"{work}/report.json"))["summary"]
milliseconds = lambda result, key: f"{1000 * result[key]:.0f} ms"
print(f"files     {summary['files_seen']} seen, {summary['files_read']} read, {summary['files_parsed']} parsed")
for result in (authlint, ripgrep):
    print(f"{result['command']:9} median {milliseconds(result, 'median')}, fastest {milliseconds(result, 'min')}")
print(f"ratio     median {authlint['median'] / ripgrep['median']:.2f}, fastest {authlint['min'] / ripgrep['min']:.2f}")
# GNU time adds a line of its own when the command exits with findings.
print(f"memory    {int(open(f'{work}/memory').read().split()[-1]) / 1024:.0f} MiB at the peak")
if os.path.exists(f"{work}/hook.json"):
    hook = json.load(open(f"{work}/hook.json"))["results"][0]
    print(f"one file  median {1000 * hook['median']:.1f} ms, fastest {1000 * hook['min']:.1f} ms ({os.path.getsize(file)} bytes)")
PY
