#!/bin/sh
# Makes .venv at the root of the tree: the locked packages, then the project itself, editable.
# Does nothing when .venv is already what the lock, the project file and this script make of it.
set -eu
cd "$(dirname "$0")/.."
VENV="$PWD/.venv"
STAMP="$VENV/.stamp"
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }

wanted() {
    # The place is part of it: the commands in a .venv that was moved or copied still point to the old one.
    printf '%s\n' "$VENV"
    cksum requirements-dev.lock pyproject.toml deploy/setup.sh
}

current() {
    [ -f "$STAMP" ] && [ -x "$VENV/bin/breakwater" ] && [ "$(cat "$STAMP")" = "$(wanted)" ] &&
        "$VENV/bin/python" -c '' 2>/dev/null
}

usable() { # whether this Python is one of ours and can make an environment with pip in it
    "$1" -c 'import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1
}

find_python() {
    # The newest first; of the same name, whichever on PATH really runs (a shim may not).
    for name in python3.14 python3.13 python3.12 python3.11 python3; do
        IFS=:
        for folder in $PATH; do
            if [ -x "$folder/$name" ] && usable "$folder/$name"; then
                printf '%s\n' "$folder/$name"
                return 0
            fi
        done
        unset IFS
    done
    return 1
}

install_python() {
    command -v apt-get >/dev/null || return 1
    if [ "$(id -u)" -eq 0 ]; then as_root=""; elif command -v sudo >/dev/null; then as_root="sudo"; else return 1; fi
    say "setup: installing python3 and python3-venv"
    $as_root apt-get update -qq >&2 &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            python3 python3-venv ca-certificates >&2
}

current && exit 0

# One at a time in a tree; the file only serves as the thing to hold.
if command -v flock >/dev/null; then
    exec 9<pyproject.toml
    flock 9
    current && exit 0
fi

if [ ! -f "$STAMP" ] || [ "$(head -n 1 "$STAMP")" != "$VENV" ] || ! usable "$VENV/bin/python"; then
    python=$(find_python) || { install_python && python=$(find_python); } || {
        say "setup: Python 3.11 to 3.14 with venv is needed. On Debian or Ubuntu: apt-get install python3 python3-venv"
        exit 1
    }
    say "setup: making .venv with $("$python" --version) ($python)"
    rm -rf "$VENV"
    "$python" -m venv "$VENV"
    printf '%s\n' "$VENV" >"$STAMP"
fi

say "setup: installing the locked packages"
"$VENV/bin/python" -m pip install --quiet --require-hashes --only-binary :all: --requirement requirements-dev.lock
# Hatchling comes from the lock, so that nothing unlocked is fetched to build with.
"$VENV/bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
wanted >"$STAMP"
say "setup: done"
