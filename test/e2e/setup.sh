#!/usr/bin/env bash
# setup.sh [browser] [vsce] [editor]: installs what the tests in a real VS Code need, once; all three by default.
#   browser  Chromium, from the system's packages
#   vsce     the packager of extensions
#   editor   code-server: VS Code's workbench and its Node extension host, driven through a browser
# They go into a folder outside the checkout (TIES_MERGE_E2E_DIR); only system packages that are missing are installed.
set -euo pipefail

CODE_SERVER_VERSION=4.100.3 # VS Code 1.100, the oldest that package.json's engines allow
VSCE_VERSION=3.9.2

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
dir="$("$here/cacheDir")"
mkdir -p "$dir"
exec 9>"$dir/.lock" && flock 9 # two suites may start at once

fail() { printf 'setup: %s\n' "$*" >&2 && exit 1; }
say() { printf '[setup %3ss] %s\n' "$SECONDS" "$*" >&2; }

# system_packages COMMAND=PACKAGE...: installs the packages whose command is missing
system_packages() {
  local missing=() pair
  for pair in "$@"; do command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "please install ${missing[*]} (done by itself only where there is apt-get)"
  [ "$(id -u)" = 0 ] || fail "please run as root: apt-get install ${missing[*]}"
  say "apt-get install ${missing[*]}"
  local try
  for try in 1 2 3; do
    if apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$dir/apt.log" 2>&1; then
      return 0
    fi
    sleep $((try * 5))
  done
  tail -20 "$dir/apt.log" >&2
  fail "apt-get install ${missing[*]} failed"
}

# Packages come without their install scripts: those download binaries from hosts that a test machine need not reach.
npm_install() {
  npm install --ignore-scripts --no-audit --no-fund --no-save --omit=dev --legacy-peer-deps --fetch-retries=5 --loglevel=error "$@"
}

browser() {
  [ -n "${CHROMIUM:-}" ] || command -v chromium-browser >/dev/null || system_packages chromium=chromium
}

vsce() {
  local stamp="$dir/vsce/.installed-$VSCE_VERSION"
  [ ! -e "$stamp" ] || return 0
  say "vsce $VSCE_VERSION"
  mkdir -p "$dir/vsce" && cd "$dir/vsce" && echo '{"private":true}' >package.json
  npm_install "@vscode/vsce@$VSCE_VERSION"
  touch "$stamp"
}

editor() {
  local stamp="$dir/editor/.installed-$CODE_SERVER_VERSION-abi$(node -p process.versions.modules)"
  [ ! -e "$stamp" ] || return 0
  system_packages rg=ripgrep g++=g++ make=make python3=python3
  say "code-server $CODE_SERVER_VERSION"
  mkdir -p "$dir/editor" && cd "$dir/editor" && echo '{"private":true}' >package.json
  npm_install "code-server@$CODE_SERVER_VERSION"
  local vscode="$dir/editor/node_modules/code-server/lib/vscode"
  (cd "$vscode" && npm_install)
  (cd "$vscode/extensions" && npm_install)
  build_native "$vscode/node_modules/@vscode/spdlog" # log files, and with them output channels
  build_native "$vscode/node_modules/native-watchdog"
  build_native "$vscode/node_modules/node-pty"
  build_argon2
  # What code-server's own install script would have linked, and ripgrep, which is downloaded otherwise.
  ln -sfn node_modules "$vscode/node_modules.asar"
  ln -sf code-linux.sh "$vscode/bin/remote-cli/code-server"
  ln -sf browser-linux.sh "$vscode/bin/helpers/browser.sh"
  mkdir -p "$vscode/node_modules/@vscode/ripgrep/bin"
  ln -sf "$(command -v rg)" "$vscode/node_modules/@vscode/ripgrep/bin/rg"
  node "$dir/editor/node_modules/code-server/out/node/entry.js" --config "$dir/editor/config.yaml" --version >&2
  touch "$stamp"
}

node_prefix() { dirname "$(dirname "$(readlink -f "$(command -v node)")")"; }

build_native() {
  local gyp headers=()
  gyp="$(dirname "$(readlink -f "$(command -v npm)")")/../node_modules/node-gyp/bin/node-gyp.js"
  [ -e "$(node_prefix)/include/node/node.h" ] && headers=("--nodedir=$(node_prefix)")
  say "compiling ${1##*/node_modules/}"
  (cd "$1" && node "$gyp" rebuild -j max --loglevel=error "${headers[@]}" >"$dir/compile.log" 2>&1) || compile_failed "$1"
  find "$1/build" -name obj.target -type d -prune -exec rm -rf {} +
}

# code-server loads its password hash at start, whether it asks for a password or not.
build_argon2() {
  say "compiling argon2"
  (cd "$dir/editor/node_modules/argon2" &&
    npm_config_nodedir="$(node_prefix)" node "$(node -p "require.resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp')")" \
      install --build-from-source >"$dir/compile.log" 2>&1) || compile_failed argon2
}

compile_failed() {
  tail -40 "$dir/compile.log" >&2
  fail "could not compile $1 (Node's C headers are needed beside node, in $(node_prefix)/include/node)"
}

[ $# -gt 0 ] || set -- browser vsce editor
for part in "$@"; do
  case "$part" in
    browser | vsce | editor) "$part" ;;
    *) fail "unknown part: $part (browser, vsce, editor)" ;;
  esac
done
