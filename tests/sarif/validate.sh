#!/usr/bin/env bash
# Checks authlint's SARIF with other people's validators: sarif-multitool (rules of SARIF and of GitHub code scanning) and
# check-jsonschema. Fails on any error and on any warning.
#
# Needs node with npm, python3 with venv, and cargo. Installs the two tools into AUTHLINT_TOOLS, by default a folder of
# the user's cache, on the first run.
#
# usage: tests/sarif/validate.sh [LOG.sarif…]   (default: a made-up log with everything in it, every project in fixtures/, and a tree of odd files)
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
tools=${AUTHLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/authlint-tests}/sarif
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

multitool=$tools/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool
if [ ! -e "$multitool" ]; then
  mkdir -p "$tools"
  npm install --silent --no-audit --no-fund --prefix "$tools" @microsoft/sarif-multitool@5.7.0
fi
# npm does not run the package's own script that would set this.
chmod u+x "$multitool"
if [ ! -x "$tools/venv/bin/check-jsonschema" ]; then
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet check-jsonschema==0.39.0
fi

logs=("$@")
if [ ${#logs[@]} -eq 0 ]; then
  (cd "$root" && AUTHLINT_SAMPLES="$work" cargo test --quiet --test reports write_samples -- --ignored >"$work/cargo.log" 2>&1) ||
    { cat "$work/cargo.log"; exit 1; }
  logs=("$work"/*.sarif)
  if [ -d "$root/fixtures" ]; then
    (cd "$root" && cargo build --quiet)
    for project in "$root"/fixtures/*/; do
      log=$work/$(basename "$project").sarif
      # 1 only says that there are findings.
      (cd "$project" && "$root/target/debug/authlint" check --format sarif . >"$log") || [ $? -eq 1 ]
      logs+=("$log")
    done
  fi
  # Names that a URI must encode, texts that are hard to count columns in, and a notice of every kind that a tree can cause.
  odd=$work/odd
  python3 - "$odd" <<'PY'
import os, sys

bad = 'import { TelnyxRTC } from "@telnyx/webrtc"; new TelnyxRTC({ login: "alice", password: "T7r-wq9Z-fK2m" }).connect();'
files = {f"src/{name}": f"/* \U0001f4de \u00e9 */ {bad}\r\n" for name in ["a b/#1%20?.ts", "\u00fc\u65e5.ts", '[x]{y}^`".ts', "back\\slash.ts"]}
files |= {
    "src/latin1.ts": f"// caf\u00e9\n{bad}\n".encode("latin-1"),
    "src/broken.ts": f"{bad}\nconst = ;\n",
    "src/large.ts": f"{bad}\n" + "x = 1;\n" * 400_000,
    "src/huge.ts": f"{bad}\n" + "x = 1;\n" * 1_300_000,
    "src/app.min.js": bad + "f(1);" * 5_000,
    "node_modules/dep/index.js": bad,
}
for path, content in files.items():
    path = os.path.join(sys.argv[1], path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    open(path, "wb").write(content if isinstance(content, bytes) else content.encode())
PY
  (cd "$odd" && "$root/target/debug/authlint" check --format sarif . >"$work/odd.sarif") || [ $? -eq 1 ]
  logs+=("$work/odd.sarif")
fi

"$tools/venv/bin/check-jsonschema" --quiet --schemafile "$here/sarif-schema-2.1.0.json" "${logs[@]}"

failed=0
for log in "${logs[@]}"; do
  # The multitool exits with 0 whatever it finds; its own log says what that was.
  "$multitool" validate "$log" --rule-kind 'Sarif;Gh' --output "$work/verdict" --log ForceOverwrite >"$work/multitool.log" 2>&1 ||
    { cat "$work/multitool.log"; exit 1; }
  python3 - "$log" "$work/verdict" <<'PY' || failed=1
import collections, json, sys

log, verdict = sys.argv[1:]
results = [result for run in json.load(open(verdict, encoding="utf-8-sig"))["runs"] for result in run.get("results", [])]
levels = collections.Counter(result.get("level", "warning") for result in results)
own = sum(len(run["results"]) for run in json.load(open(log))["runs"])
print(f"{log.rsplit('/', 1)[-1]}: {own} results; {levels['error']} errors, {levels['warning']} warnings, {levels['note']} notes")
for result in results:
    if result.get("level", "warning") != "note":
        print("  ", result["ruleId"], json.dumps(result["message"])[:300])
sys.exit(1 if levels["error"] or levels["warning"] else 0)
PY
done
exit $failed
