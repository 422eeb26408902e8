#!/usr/bin/env bash
# A virtual environment with everything in requirements.lock, a Chromium, and fonts; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
  local wanted
  for wanted in python3.13 python3.14 python3.12 python3.11 python3; do
    if command -v "$wanted" >/dev/null && "$wanted" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$wanted"; return
    fi
  done
  return 1
}

if [ ! -x .venv/bin/python ]; then
  if command -v uv >/dev/null; then
    uv venv -q --seed .venv
  elif python=$(find_python); then
    "$python" -m venv .venv || { say "python -m venv failed; on Debian install python3-venv, or install uv."; exit 1; }
  else
    say "Python 3.11 or newer, or uv, is needed and neither was found."; exit 1
  fi
fi

say "installing the locked dependencies"
if command -v uv >/dev/null; then
  uv pip install -q --no-config --python .venv --require-hashes -r requirements.lock
  uv pip install -q --no-config --python .venv --no-deps --no-build-isolation -e .
else
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
fi

has_chromium() { .venv/bin/python -c 'import os; from stillframe.browser.chromium_path import find_chromium; find_chromium(os.environ.get("CHROMIUM_PATH", ""))' 2>/dev/null; }

apt_install() {
  command -v apt-get >/dev/null || return 1
  local run=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    run=(sudo -n)
  fi
  "${run[@]}" apt-get update -qq >/dev/null 2>&1 || true
  DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

if ! has_chromium; then
  say "looking for a Chromium"
  apt_install chromium-headless-shell || .venv/bin/python -m playwright install chromium-headless-shell >/dev/null 2>&1 || true
fi
if ! has_chromium; then
  say "no Chromium: neither CHROMIUM_PATH, an installed one, Debian's chromium-headless-shell nor Playwright's download was to be had; install one and set CHROMIUM_PATH."
  exit 1
fi

# The image's own fonts, so that a page looks the same here and on Lambda.
missing=()
if command -v dpkg >/dev/null; then
  while read -r font _; do
    case $font in '' | '#'*) continue ;; esac
    dpkg -s "$font" >/dev/null 2>&1 || missing+=("$font")
  done <functions/image/fonts.txt
fi
if [ ${#missing[@]} -gt 0 ] && ! apt_install "${missing[@]}"; then
  say "some fonts are not installed (${missing[*]}); pages in those scripts may show boxes."
fi
say "ready"
