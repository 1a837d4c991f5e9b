#!/usr/bin/env bash
# Runs the real pre-commit with this repository's hook on a throw-away repository: a bad file blocks with a readable message,
# a good one passes, and files that authlint excludes do not fail.
#
# Needs git, cargo and python3 with venv. Installs pre-commit into AUTHLINT_TOOLS, by default a folder of the user's cache,
# on the first run. The hook is built without optimisation, because this is not about speed.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${AUTHLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/authlint-tests}/pre-commit
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ ! -x "$tools/venv/bin/pre-commit" ]; then
  mkdir -p "$tools"
  python3 -m venv "$tools/venv"
  "$tools/venv/bin/pip" install --quiet pre-commit
fi
export PATH="$tools/venv/bin:$PATH"
export PRE_COMMIT_HOME=$work/pre-commit
export CARGO_TARGET_DIR=$tools/target
export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.com GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.com

# The hook as it stands here, changes that are not committed included.
hooks=$work/hooks
mkdir "$hooks"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --create --null --ignore-failed-read --files-from=- 2>/dev/null) | tar --extract --directory "$hooks"
git -C "$hooks" init --quiet
git -C "$hooks" add --all --force
git -C "$hooks" commit --quiet --message hooks

app=$work/app
mkdir -p "$app/src" "$app/node_modules/dep" "$app/dist"
cd "$app"
git init --quiet
cat >package.json <<'JSON'
{ "name": "app", "dependencies": { "@telnyx/webrtc": "^2.26.1" } }
JSON
echo '<script type="module" src="/src/bad.ts"></script>' >index.html
cat >src/bad.ts <<'TS'
import { TelnyxRTC } from "@telnyx/webrtc";
const login = "alice-softphone";
const password = "T7r-wq9Z-fK2m";
const client = new TelnyxRTC({ login, password });
client.connect();
TS
echo 'export const answer = 42;' >src/good.ts
cp src/bad.ts node_modules/dep/index.js
cp src/bad.ts dist/app.min.js
git add --all --force

failed=0
# expect NAME CODE TEXT COMMAND…: the command must exit with the code and print the text.
expect() {
  local name=$1 code=$2 text=$3 found=0
  shift 3
  "$@" >"$work/log" 2>&1 || found=$?
  if [ "$found" -eq "$code" ] && grep --quiet --fixed-strings -- "$text" "$work/log" && ! grep --quiet T7r-wq9Z "$work/log"; then
    echo "ok: $name"
  else
    echo "FAILED: $name: exit code $found, expected $code and «$text»" >&2
    cat "$work/log" >&2
    failed=1
  fi
}

expect "try-repo: a good file passes" 0 Passed pre-commit try-repo "$hooks" authlint --files src/good.ts
expect "try-repo: a bad file blocks" 1 "src/bad.ts:" pre-commit try-repo "$hooks" authlint --files src/bad.ts

cat >.pre-commit-config.yaml <<YAML
repos:
  - repo: $hooks
    rev: $(git -C "$hooks" rev-parse HEAD)
    hooks:
      - id: authlint
YAML
git add .pre-commit-config.yaml
pre-commit install >/dev/null
expect "run: the message names rule and place" 1 "error[password-login]" pre-commit run authlint --files src/bad.ts
expect "run: excluded files do not fail" 0 Passed pre-commit run authlint --files node_modules/dep/index.js dist/app.min.js
expect "commit: a bad file blocks" 1 "error[" git commit --message bad
git rm --quiet --cached -r src/bad.ts index.html node_modules dist
rm src/bad.ts index.html
expect "commit: good files pass" 0 Passed git commit --message good
exit $failed
