# Sourced by ./run and ./test: brings this machine and the virtual environment to what they need.
# Nothing is installed twice; what is missing and cannot be installed is named.
# shellcheck shell=bash

venv="$root/.venv"
lock="$root/deploy/lock"

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# The packages of one or more sections of deploy/packages.txt.
packages_of() {
  local section
  for section in "$@"; do
    awk -v want="[$section]" '
      /^\[/ { on = ($1 == want); next }
      on && !/^#/ && NF && $1 !~ /^\?/ { print $1 }' "$root/deploy/packages.txt"
  done
}

# Install Debian packages that are not there yet; asks for root by sudo, or names what to install.
need_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null 2>&1 || { say "no dpkg here; assuming these are installed: $*"; return 0; }
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { say "please install as root: apt-get install ${missing[*]}"; return 1; }
    sudo=(sudo)
  fi
  say "installing ${missing[*]}"
  local quiet=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  if ! "${sudo[@]}" "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
    "${sudo[@]}" "${quiet[@]}" update >&2 || { say "the package lists could not be fetched"; return 1; }
    "${sudo[@]}" "${quiet[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null ||
      { say "apt-get could not install: ${missing[*]}"; return 1; }
  fi
}

# A Python of 3.11 or newer that can make virtual environments.
find_python() {
  local python
  for python in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
    [ -n "$python" ] && command -v "$python" >/dev/null 2>&1 || continue
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
    printf '%s\n' "$python"
    return 0
  done
  say "Python 3.11 or newer is needed (apt-get install python3)"
  return 1
}

# The virtual environment with exactly what the lock file names: $1 is run or dev.
need_venv() {
  local python stamp want
  python=$(find_python) || return 1
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    need_packages python3-venv || return 1
  fi
  want="$("$python" -V) $(cat "$lock/$1.lock" "$root/pyproject.toml" | sha256sum | cut -d' ' -f1)"
  stamp="$venv/.installed-$1"
  [ "$1" = run ] && [ -e "$venv/.installed-dev" ] && stamp="$venv/.installed-dev" &&
    want="$("$python" -V) $(cat "$lock/dev.lock" "$root/pyproject.toml" | sha256sum | cut -d' ' -f1)"
  [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && return 0
  say "preparing the virtual environment .venv"
  # A broken or foreign environment is made anew rather than repaired.
  "$venv/bin/python" -c '' 2>/dev/null || rm -rf "$venv"
  [ -x "$venv/bin/python" ] || "$python" -m venv "$venv" || return 1
  # mfrc522 asks for RPi.GPIO, which must not be there: hence --no-deps, and a lock that names everything.
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: -r "$lock/$1.lock" >&2 || { say "the packages of deploy/lock/$1.lock could not be installed"; return 1; }
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e "$root" >&2 ||
    return 1
  rm -f "$venv"/.installed-*
  printf '%s\n' "$want" >"$stamp"
}
